import { load } from "js-yaml";

/** What `tools.lock.yml` says of each tool, as the lines that its script reads: `key=value`, nested keys with dots. */
export type ToolLock = Readonly<Record<string, string>>;

/** Pure: `text` is the lock file's. */
export function readToolLock(text: string): ToolLock {
  const tools = (load(text) ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(tools).map(([id, tool]) => [id, [...flatten(tool, "")].map((line) => `${line}\n`).join("")]),
  );
}

function* flatten(value: unknown, prefix: string): Generator<string> {
  if (typeof value !== "object" || value === null) {
    yield `${prefix}=${value}`;
    return;
  }
  for (const [key, inner] of Object.entries(value)) yield* flatten(inner, prefix === "" ? key : `${prefix}.${key}`);
}
