import type { Problem } from "./problem.ts";

/** Either the validated value, or all problems with it. */
export type Checked<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

export const isChecked = <T>(checked: Checked<T>): checked is { readonly value: T } => "value" in checked;

type Values<T> = { readonly [Key in keyof T]: T[Key] extends Checked<infer V> ? V : never };

/** Combines results: all values, or all problems of all parts. */
export function all<T extends Readonly<Record<string, Checked<unknown>>>>(parts: T): Checked<Values<T>> {
  const problems = Object.values(parts).flatMap(problemsOf);
  if (problems.length > 0) return { problems };
  const values = Object.entries(parts).map(([key, part]) => [key, (part as { readonly value: unknown }).value]);
  return { value: Object.fromEntries(values) as Values<T> };
}

/** The result of a validation that yields no value. */
export const validated = (problems: readonly Problem[]): Checked<undefined> =>
  problems.length > 0 ? { problems } : { value: undefined };

export const problemsOf = (checked: Checked<unknown>): readonly Problem[] =>
  isChecked(checked) ? [] : checked.problems;
