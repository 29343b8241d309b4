import { styleText } from "node:util";
import { documentOf, lookedAt, tableOf } from "./document.ts";

/** What there is to say of one machine, in the form of `npm run fleet -- list --json`. */
export interface FleetRow {
  readonly stack: string;
  readonly state: "well" | "differs" | "failed";
  /** One line. */
  readonly says: string;
  /** Where its Docker Engine is, with its version. */
  readonly engine?: string | undefined;
  /** The machine's GPUs, each with its driver. */
  readonly gpus?: readonly string[] | undefined;
  /** Versions by tool. */
  readonly tools?: Readonly<Record<string, string>> | undefined;
  /** ISO 8601. */
  readonly lastUp?: string | undefined;
  /** How long it took to ask. */
  readonly seconds: number;
}

const marks = { well: "+", differs: "!", failed: "x" } as const;
const colours = { well: "green", differs: "yellow", failed: "red" } as const;

/** A line for a terminal. */
export function fleetLine(
  { stack, state, says, engine, gpus, lastUp }: FleetRow,
  width: number,
  inColour: boolean,
): string {
  const mark = inColour ? styleText(colours[state], marks[state]) : marks[state];
  const more = [engine, gpus?.join(" + "), lastUp && `last up ${lastUp.slice(0, 16).replace("T", " ")}Z`];
  return [`${mark} ${stack.padEnd(width)}`, says, ...more.filter(Boolean)].join("  ");
}

/** The exit code that tells of all of them. */
export const exitCodeOf = (rows: readonly FleetRow[]): 0 | 1 | 2 => {
  if (rows.some(({ state }) => state === "failed")) return 1;
  return rows.some(({ state }) => state === "differs") ? 2 : 0;
};

/** The machines as one page, which can be sorted by each column. */
export function fleetPage(command: string, rows: readonly FleetRow[], at: string): string {
  const count = (state: FleetRow["state"]): number => rows.filter((row) => row.state === state).length;
  const words = [`${rows.length} machines`, `${count("differs")} differ`, `${count("failed")} failed`];
  const kinds = { well: "well", differs: "drift", failed: "unknown" } as const;
  const table = rows.map(({ stack, state, says, engine = "", gpus = [], tools = {}, lastUp = "", seconds }) => ({
    kind: kinds[state],
    cells: [
      stack,
      state,
      says,
      gpus.join(", "),
      Object.entries(tools)
        .map(([tool, version]) => `${tool} ${version}`)
        .join(", "),
      engine,
      lastUp.slice(0, 16).replace("T", " "),
      seconds.toFixed(1),
    ],
  }));
  const columns = ["machine", "state", "what", "GPUs", "tools", "engine", "last up (UTC)", "seconds"];
  const worst = (["well", "drift", "unknown"] as const)[[0, 2, 1].indexOf(exitCodeOf(rows))] ?? "unknown";
  const body = [lookedAt(at), tableOf(columns, table), `<script>${sorting}</script>`];
  return documentOf(`Fleet, ${command}: ${words.join(", ")}`, worst, body.join("\n"));
}

/** A click on a column's head sorts by it, and another one the other way. */
const sorting = `
for (const [index, head] of document.querySelectorAll("thead th").entries()) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const body = document.querySelector("tbody");
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of document.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const text = (row) => row.cells[index].textContent;
    const rows = [...body.rows].sort((a, b) => text(a).localeCompare(text(b), undefined, { numeric: true }));
    body.append(...(down ? rows.reverse() : rows));
  });
}`;
