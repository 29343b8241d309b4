import type { Schema } from "./schema-surface.ts";

/**
 * Lists the differences between two schemas, one per line: types, required, secret and replace flags, defaults, aliases.
 *
 * @param ignored tokens of resources to leave out, together with the types that only they use
 */
export function schemaDifferences(official: Schema, built: Schema, ignored: readonly string[] = []): string[] {
  const lines: string[] = [];
  compare("", comparedParts(official, ignored), comparedParts(built, ignored));
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

/** The parts of a schema that affect programs and their resources. Sorts all lists, since they are sets. */
function comparedParts({ config, provider, functions, resources, types }: Schema, ignored: readonly string[]): unknown {
  const parts = {
    config,
    provider,
    functions,
    resources: Object.fromEntries(Object.entries(resources ?? {}).filter(([token]) => !ignored.includes(token))),
  };
  return withoutProse({ ...parts, types: reachable(parts, types ?? {}) });
}

/** The types that a part of a schema refers to, directly or indirectly. */
function reachable(part: unknown, types: Record<string, unknown>, found: Record<string, unknown> = {}): object {
  for (const [, token] of JSON.stringify(part).matchAll(/"#\/types\/(.+?)"/g)) {
    if (!token || token in found) continue;
    found[token] = types[token] ?? "nothing";
    reachable(found[token], types, found);
  }
  return found;
}

/** Removes descriptions and hints for code generators. A property named `description` is an object, so it stays. */
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
