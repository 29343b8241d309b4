import type { Inspection, Outcome, Part } from "./part.ts";

const titles = ["part", "required", "found"] as const;

/** The table of set-up, which prints a row as soon as its part is done, in columns that fit all parts. */
export class PartTable {
  readonly #widths: readonly number[];
  readonly #home: string | undefined;

  /** @param home the user's home folder, shown as `~` */
  constructor(parts: readonly Part[], inspections: readonly Inspection[], home: string | undefined) {
    const rows = parts.map(({ name, wanted }, index) => [name, wanted, inspections[index]?.found ?? ""]);
    this.#widths = titles.map((_, column) => Math.max(...[titles, ...rows].map((row) => row[column]?.length ?? 0)));
    this.#home = home;
  }

  get head(): string {
    return this.#line(" ", titles, "result");
  }

  /** One row: what is required, what was found, what was done, and where the part is. */
  row({ part, inspection, state, done }: Outcome): string {
    const failure = part.optional ? "-" : "!";
    const mark = { ready: " ", done: "+", missing: failure, failed: failure }[state];
    const where = inspection.where ? shorten(inspection.where, this.#home) : "";
    const result = {
      ready: where,
      done: where ? `${done}: ${where}` : done,
      missing: `missing; ${done}`,
      failed: "failed (see below)",
    }[state];
    return this.#line(mark, [part.name, part.wanted, inspection.found], result);
  }

  #line(mark: string, columns: readonly string[], result: string): string {
    const padded = columns.map((text, column) => text.padEnd(this.#widths[column] ?? 0));
    return `${mark} ${[...padded, result].join("  ")}`.trimEnd();
  }
}

/** Abbreviates the home folder to `~`. */
export function shorten(path: string, home: string | undefined): string {
  return home && home !== "/" && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
