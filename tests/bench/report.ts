import { styleText } from "node:util";
import { median, ratioRange } from "./statistics.ts";

/** One measurement and its reference. */
export interface Row {
  readonly what: string;
  /** The measured values, of which the median counts. */
  readonly ours: readonly number[];
  /** What `ours` is compared with. */
  readonly against: string;
  readonly reference: readonly number[];
  /** The highest acceptable ratio of `ours` to `reference`; undefined if there is none. */
  readonly target?: number;
  readonly unit: "s" | "MB";
}

export const ratioOf = ({ ours, reference }: Row): number => median(ours) / median(reference);

export type Verdict = "met" | "missed" | "unclear";

/** Whether a row meets its target: unclear if the spread of its values permits both. A row without a target always meets it. */
export function verdictOf({ ours, reference, target }: Row): Verdict {
  if (target === undefined) return "met";
  const [low, high] = ratioRange(ours, reference);
  if (high <= target) return "met";
  return low > target ? "missed" : "unclear";
}

/** The rows as a table for a terminal. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    amount(row.ours, row.unit),
    row.against,
    amount(row.reference, row.unit),
    ratioOf(row).toFixed(2),
    ratioRange(row.ours, row.reference)
      .map((ratio) => ratio.toFixed(2))
      .join("-"),
    row.target === undefined ? "" : `<= ${row.target}`,
    row.target === undefined ? "" : coloured(verdictOf(row)),
  ]);
  const head = ["measured", "median", "against", "median", "ratio", "90 %", "target", ""];
  const widths = head.map((title, column) =>
    Math.max(...[head, ...cells].map((line) => (line[column] ?? title).length)),
  );
  const lines = [head, ...cells].map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return lines.map((line) => line.trimEnd()).join("\n");
}

const coloured = (verdict: Verdict): string => (verdict === "met" ? verdict : styleText("red", verdict));

/** The median, and the smallest and largest value if there are several. */
function amount(values: readonly number[], unit: Row["unit"]): string {
  const text = (value: number): string => value.toFixed(unit === "s" ? 2 : 1);
  const spread = values.length > 1 ? ` (${text(Math.min(...values))}-${text(Math.max(...values))})` : "";
  return `${text(median(values))} ${unit}${spread}`;
}
