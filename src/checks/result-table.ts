import type { CheckResult } from "../model/check-result.ts";

/** Escape sequences for the colours of a terminal, or empty strings. */
export interface Colours {
  readonly bad: string;
  readonly doubtful: string;
  readonly good: string;
  readonly plain: string;
}
export const noColours: Colours = { bad: "", doubtful: "", good: "", plain: "" };
export const colours: Colours = { bad: "\u001b[31m", doubtful: "\u001b[33m", good: "\u001b[32m", plain: "\u001b[0m" };

/**
 * One row for each result: a mark, the subject and the finding; below a failed one, the requirement and the fix. The subjects that
 * are not visible share the last row.
 *
 * @param where the host that they are not visible on
 */
export function tableOf(
  results: readonly CheckResult[],
  where = "this host",
  { bad, doubtful, good, plain }: Colours = noColours,
): string[] {
  const rows = results.filter((result) => result.severity !== "unseen");
  const hidden = results.filter((result) => result.severity === "unseen").map(({ subject }) => subject);
  const width = Math.max(...rows.map(({ subject }) => subject.length), 0);
  const marks = { error: `${bad}x${plain}`, warning: `${doubtful}!${plain}`, ok: `${good}+${plain}` };
  const indent = " ".repeat(width + 4);
  const lines = rows.flatMap((row) => {
    const head = `${marks[row.severity]} ${row.subject.padEnd(width)}  ${row.found}`;
    return row.severity === "ok" ? [head] : [head, `${indent}required: ${row.needed}`, `${indent}Fix: ${row.remedy}`];
  });
  return hidden.length === 0 ? lines : [...lines, `- not visible on ${where}: ${hidden.join(", ")}`];
}
