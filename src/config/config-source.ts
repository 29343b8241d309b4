import type { Problem } from "../model/problem.ts";
import { type Path, pathText, type YamlSource } from "./yaml-source.ts";

/** Unvalidated values, with the place in the files where the user wrote each of them. */
export interface ConfigSource {
  readonly value: unknown;
  /** A problem with the value at `path`, with the file and line of that value. */
  problem(path: Path, message: string): Problem;
}

/**
 * The values of a file.
 *
 * @param value the values, where they differ from the file's text: `-c key=value` may replace those of a stack
 * @param within maps the path of a value to its path in the file
 */
export function sourceOf(
  yaml: YamlSource,
  value = yaml.value,
  within: (path: Path) => Path = (path) => path,
): ConfigSource {
  return {
    value,
    problem: (path, message) => ({
      file: yaml.file,
      line: yaml.lineOf(within(path)),
      path: pathText(within(path)),
      message,
    }),
  };
}

/**
 * Merges the values of `upper` into those of `lower`: mappings are merged key by key, and any other value replaces the lower one.
 * Problems are reported in the source that the value comes from.
 */
export function overlay(lower: ConfigSource, upper: ConfigSource): ConfigSource {
  return {
    value: merge(lower.value, upper.value),
    problem: (path, message) => (provides(upper.value, path) ? upper : lower).problem(path, message),
  };
}

function merge(lower: unknown, upper: unknown): unknown {
  if (!isMapping(lower) || !isMapping(upper)) return upper;
  const merged = Object.entries(upper).map(([key, value]) => [key, key in lower ? merge(lower[key], value) : value]);
  return { ...lower, ...Object.fromEntries(merged) };
}

/** Whether `upper` provides the value at a path, either directly or by a value that replaces a parent of it. */
function provides(upper: unknown, [key, ...rest]: Path): boolean {
  if (!isMapping(upper)) return true;
  return key !== undefined && key in upper && provides(upper[key], rest);
}

export const isMapping = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
