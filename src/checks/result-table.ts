import type { CheckResult } from "../model/check-result.ts";

/** The escape sequences of a terminal's colours, or nothing of them. */
export interface Colours {
  readonly bad: string;
  readonly doubtful: string;
  readonly good: string;
  readonly plain: string;
}
export const noColours: Colours = { bad: "", doubtful: "", good: "", plain: "" };
export const colours: Colours = { bad: "\u001b[31m", doubtful: "\u001b[33m", good: "\u001b[32m", plain: "\u001b[0m" };

/**
 * A row for each result: a mark, what was looked at and what was found; and of what is not well, below it, what is needed
 * and what mends it. What cannot be seen from here is one row together.
 *
 * @param where the machine that cannot be seen, for that row
 */
export function tableOf(
  results: readonly CheckResult[],
  where = "this machine",
  { bad, doubtful, good, plain }: Colours = noColours,
): string[] {
  const rows = results.filter((result) => result.severity !== "unseen");
  const hidden = results.filter((result) => result.severity === "unseen").map(({ subject }) => subject);
  const width = Math.max(...rows.map(({ subject }) => subject.length), 0);
  const marks = { error: `${bad}x${plain}`, warning: `${doubtful}!${plain}`, ok: `${good}+${plain}` };
  const indent = " ".repeat(width + 4);
  const lines = rows.flatMap((row) => {
    const head = `${marks[row.severity]} ${row.subject.padEnd(width)}  ${row.found}`;
    return row.severity === "ok" ? [head] : [head, `${indent}needed: ${row.needed}`, `${indent}to mend: ${row.remedy}`];
  });
  return hidden.length === 0 ? lines : [...lines, `- not looked at on ${where}: ${hidden.join(", ")}`];
}
