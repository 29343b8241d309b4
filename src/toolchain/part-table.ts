import type { Outcome, Part } from "./part.ts";

/** Widths of the columns `part`, `required` and `found`, which must be known before the first row is printed. */
export interface Widths {
  readonly name: number;
  readonly wanted: number;
  readonly found: number;
}

export function widthsOf(parts: readonly Part[], found: readonly string[]): Widths {
  return {
    name: widest([...parts.map(({ name }) => name), "part"]),
    wanted: widest([...parts.map(({ wanted }) => wanted), "required"]),
    found: widest([...found, "found"]),
  };
}

export function headOf(widths: Widths): string {
  return line(" ", "part", "required", "found", widths, "result");
}

/** One row: what is required, what was found, what was done, and where the part is. */
export function rowOf(outcome: Outcome, widths: Widths, home: string | undefined): string {
  const { part, inspection, state, done } = outcome;
  const mark = { ready: " ", done: "+", missing: part.optional ? "-" : "!", failed: part.optional ? "-" : "!" }[state];
  const where = inspection.where ? shorten(inspection.where, home) : "";
  const rest = {
    ready: where,
    done: where ? `${done}: ${where}` : done,
    missing: `missing; ${done}`,
    failed: "failed (see below)",
  }[state];
  return line(mark, part.name, part.wanted, inspection.found, widths, rest);
}

/** Abbreviates the home folder to `~`. */
export function shorten(path: string, home: string | undefined): string {
  return home && home !== "/" && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function line(mark: string, name: string, wanted: string, found: string, widths: Widths, rest: string): string {
  const columns = [name.padEnd(widths.name), wanted.padEnd(widths.wanted), found.padEnd(widths.found), rest];
  return `${mark} ${columns.join("  ")}`.trimEnd();
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}
