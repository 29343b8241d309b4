import { styleText } from "node:util";
import { median } from "./statistics.ts";

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

/** Whether a row meets its target. A row without a target always does. */
export const isMet = (row: Row): boolean => row.target === undefined || ratioOf(row) <= row.target;

/** The rows as a table for a terminal. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    amount(row.ours, row.unit),
    row.against,
    amount(row.reference, row.unit),
    ratioOf(row).toFixed(2),
    row.target === undefined ? "" : `<= ${row.target}`,
    row.target === undefined ? "" : isMet(row) ? "met" : styleText("red", "missed"),
  ]);
  const head = ["measured", "median", "against", "median", "ratio", "target", ""];
  const widths = head.map((title, column) =>
    Math.max(...[head, ...cells].map((line) => (line[column] ?? title).length)),
  );
  const lines = [head, ...cells].map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return lines.map((line) => line.trimEnd()).join("\n");
}

function amount(values: readonly number[], unit: Row["unit"]): string {
  return unit === "s" ? `${median(values).toFixed(2)} s` : `${median(values).toFixed(1)} MB`;
}
