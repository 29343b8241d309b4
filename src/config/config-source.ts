import type { Problem } from "../model/problem.ts";
import { type Path, pathText, type YamlSource } from "./yaml-source.ts";

/** Values that are to be checked, and know where their user wrote them. */
export interface ConfigSource {
  readonly value: unknown;
  /** What is wrong with the value at `path`, told where it stands. */
  problem(path: Path, message: string): Problem;
}

/**
 * The values of a file.
 *
 * @param value where they are not the file's own words, as those of a stack, which `-c key=value` may replace
 * @param within where the path of a value begins in the file
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
 * A file's values with others laid over them: a mapping over a mapping adds to it, and all else replaces what is there. What is
 * wrong with a value is told where it comes from.
 */
export function overlaid(lower: ConfigSource, upper: ConfigSource): ConfigSource {
  return {
    value: merge(lower.value, upper.value),
    problem: (path, message) => (decides(upper.value, path) ? upper : lower).problem(path, message),
  };
}

function merge(lower: unknown, upper: unknown): unknown {
  if (!isMapping(lower) || !isMapping(upper)) return upper;
  const merged = Object.entries(upper).map(([key, value]) => [key, key in lower ? merge(lower[key], value) : value]);
  return { ...lower, ...Object.fromEntries(merged) };
}

/** Whether the value at a path is the upper one's: it stands there, or in something that was replaced. */
function decides(upper: unknown, [key, ...rest]: Path): boolean {
  if (!isMapping(upper)) return true;
  return key !== undefined && key in upper && decides(upper[key], rest);
}

export const isMapping = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
