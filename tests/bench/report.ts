import { styleText } from "node:util";
import { median } from "./statistics.ts";

/** One thing that was measured, beside what it is held to. */
export interface Row {
  readonly what: string;
  /** Measured values, of which the median counts. */
  readonly ours: readonly number[];
  /** What it is compared with, and its values. */
  readonly against: string;
  readonly reference: readonly number[];
  /** Highest ratio of ours to the reference that is good; undefined where none is set. */
  readonly target?: number;
  readonly unit: "s" | "MB";
}

export const ratioOf = ({ ours, reference }: Row): number => median(ours) / median(reference);

/** Whether a row is as it should be. What has no target is. */
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
