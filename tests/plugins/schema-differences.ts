import type { Schema } from "./schema-surface.ts";

/**
 * Where two schemas differ, a line each: types, required, secret and replace flags, defaults, aliases. What is ignored
 * takes the types that nothing else uses with it.
 */
export function schemaDifferences(official: Schema, built: Schema, ignored: readonly string[] = []): string[] {
  const lines: string[] = [];
  compare("", essence(official, ignored), essence(built, ignored));
  return lines;

  function compare(path: string, expected: unknown, found: unknown): void {
    if (isObject(expected) && isObject(found)) {
      for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
        compare(path ? `${path} > ${key}` : key, expected[key], found[key]);
      }
    } else if (JSON.stringify(expected) !== JSON.stringify(found)) {
      const text = (value: unknown) => JSON.stringify(value) ?? "nothing";
      lines.push(`${path}: expected ${text(expected)}, found ${text(found)}`);
    }
  }
}

/** What a program and its resources notice of a schema, with lists in one order: all of them are sets. */
function essence({ config, provider, functions, resources, types }: Schema, ignored: readonly string[]): unknown {
  const noticed = {
    config,
    provider,
    functions,
    resources: Object.fromEntries(Object.entries(resources ?? {}).filter(([token]) => !ignored.includes(token))),
  };
  return withoutProse({ ...noticed, types: reachable(noticed, types ?? {}) });
}

/** The types that a part of a schema refers to, and those that these refer to. */
function reachable(part: unknown, types: Record<string, unknown>, found: Record<string, unknown> = {}): object {
  for (const [, token] of JSON.stringify(part).matchAll(/"#\/types\/(.+?)"/g)) {
    if (!token || token in found) continue;
    found[token] = types[token] ?? "nothing";
    reachable(found[token], types, found);
  }
  return found;
}

/** Less descriptions (a property called `description` is an object, so it stays) and hints for code generators. */
function withoutProse(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutProse).sort(byText);
  if (!isObject(node)) return node;
  const kept = Object.entries(node)
    .filter(([key, value]) => !(prose.has(key) && typeof value === "string") && key !== "language")
    .map(([key, value]) => [key, withoutProse(value)]);
  return Object.fromEntries(kept.sort(byText));
}

const prose = new Set(["description", "deprecationMessage"]);

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
