import type { Problem } from "./problem.ts";

/** Either the checked value or every problem that was found. */
export type Checked<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

export const isChecked = <T>(checked: Checked<T>): checked is { readonly value: T } => "value" in checked;

type Values<T> = { readonly [Key in keyof T]: T[Key] extends Checked<infer V> ? V : never };

/** Every value, or every problem of all parts. */
export function all<T extends Readonly<Record<string, Checked<unknown>>>>(parts: T): Checked<Values<T>> {
  const problems = Object.values(parts).flatMap(problemsOf);
  if (problems.length > 0) return { problems };
  const values = Object.entries(parts).map(([key, part]) => [key, (part as { readonly value: unknown }).value]);
  return { value: Object.fromEntries(values) as Values<T> };
}

/** What has no value of its own, and only may be wrong. */
export const validated = (problems: readonly Problem[]): Checked<undefined> =>
  problems.length > 0 ? { problems } : { value: undefined };

export const problemsOf = (checked: Checked<unknown>): readonly Problem[] =>
  isChecked(checked) ? [] : checked.problems;
