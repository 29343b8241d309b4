import type { Outcome, Part } from "./part.ts";

/** Widths of the columns `part`, `looked for` and `found`, known before the first row. */
export interface Widths {
  readonly name: number;
  readonly wanted: number;
  readonly found: number;
}

export function widthsOf(parts: readonly Part[], found: readonly string[]): Widths {
  return {
    name: widest([...parts.map(({ name }) => name), "part"]),
    wanted: widest([...parts.map(({ wanted }) => wanted), "looked for"]),
    found: widest([...found, "found"]),
  };
}

export function headOf(widths: Widths): string {
  return line(" ", "part", "looked for", "found", widths, "done, where");
}

/** One row: what was looked for, found, done, and where. */
export function rowOf(outcome: Outcome, widths: Widths, home: string | undefined): string {
  const { part, look, state, done } = outcome;
  const mark = { ready: " ", done: "+", missing: part.optional ? "-" : "!", failed: part.optional ? "-" : "!" }[state];
  const where = look.where ? shorten(look.where, home) : "";
  const rest = {
    ready: where,
    done: where ? `${done}: ${where}` : done,
    missing: `missing; ${done}`,
    failed: "could not be had, see below",
  }[state];
  return line(mark, part.name, part.wanted, look.found, widths, rest);
}

/** A path under the home folder, as a shell reads it. */
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
