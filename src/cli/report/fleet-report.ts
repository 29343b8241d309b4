import { styleText } from "node:util";
import type { FleetRow } from "../documents.ts";
import { documentOf, tableOf, timeOfCheck } from "../ui/html-page.ts";

const marks = { ok: "+", drift: "!", failed: "x" } as const;
const colours = { ok: "green", drift: "yellow", failed: "red" } as const;

/** A stack's line for a terminal. */
export function fleetLine({ stack, state, summary, dockerEngine, gpus, lastUp }: FleetRow, width: number): string {
  const more = [dockerEngine, gpus?.join(" + "), lastUp && `last up ${lastUp.slice(0, 16).replace("T", " ")}Z`];
  return [`${styleText(colours[state], marks[state])} ${stack.padEnd(width)}`, summary, ...more.filter(Boolean)].join(
    "  ",
  );
}

/** The exit code for several stacks: 1 for a failure, 2 for drift, otherwise 0. */
export const exitCodeOf = (rows: readonly FleetRow[]): 0 | 1 | 2 => {
  if (rows.some(({ state }) => state === "failed")) return 1;
  return rows.some(({ state }) => state === "drift") ? 2 : 0;
};

/** All stacks as one HTML page, sortable by each column. */
export function fleetPage(command: string, rows: readonly FleetRow[], at: string): string {
  const count = (state: FleetRow["state"]): number => rows.filter((row) => row.state === state).length;
  const words = [`${rows.length} stacks`, `${count("drift")} with drift`, `${count("failed")} failed`];
  const kinds = { ok: "ok", drift: "drift", failed: "unknown" } as const;
  const table = rows.map(
    ({ stack, state, summary, dockerEngine = "", gpus = [], tools = {}, lastUp = "", seconds }) => ({
      kind: kinds[state],
      cells: [
        stack,
        state,
        summary,
        gpus.join(", "),
        Object.entries(tools)
          .map(([tool, version]) => `${tool} ${version}`)
          .join(", "),
        dockerEngine,
        lastUp.slice(0, 16).replace("T", " "),
        seconds.toFixed(1),
      ],
    }),
  );
  const columns = ["stack", "state", "summary", "GPUs", "tools", "Docker Engine", "last up (UTC)", "seconds"];
  const worst = (["ok", "drift", "unknown"] as const)[[0, 2, 1].indexOf(exitCodeOf(rows))] ?? "unknown";
  const body = [timeOfCheck(at), tableOf(columns, table), `<script>${sorting}</script>`];
  return documentOf(`Fleet, ${command}: ${words.join(", ")}`, worst, body.join("\n"));
}

/** A click on a column's header sorts by that column; another click reverses the order. */
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
