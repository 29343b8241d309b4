import { colours, noColours } from "../../checks/result-table.ts";
import type { DriftHistoryEntry, DriftReport, DriftRow } from "../documents.ts";
import { documentOf, html, tableOf, timeOfCheck } from "../ui/html-page.ts";

/** The report for a terminal: a row for each part that differs, with the planned action below. */
export function reportLines({ stack, drifts, notChecked }: DriftReport, inColour: boolean): string[] {
  const { bad, doubtful, good, plain } = inColour ? colours : noColours;
  const marks = { drift: `${doubtful}!${plain}`, changed: `${doubtful}~${plain}`, alarm: `${bad}x${plain}` };
  const width = Math.max(0, ...drifts.map(({ part }) => part.length));
  const indent = " ".repeat(width + 4);
  const rows = drifts.flatMap(({ part, desired, actual, plannedAction, kind, lostData }) => [
    `${marks[kind]} ${part.padEnd(width)}  ${actual}`,
    `${indent}desired: ${desired}`,
    `${indent}planned: ${plannedAction}`,
    ...(lostData === "" ? [] : [`${indent}${bad}loses: ${lostData}${plain}`]),
  ]);
  const hidden = notChecked.map((what) => `- not checked: ${what}`);
  return [...rows, ...hidden, ...(rows.length + hidden.length > 0 ? [""] : []), `${summary()}`];

  function summary(): string {
    if (drifts.some(({ kind }) => kind === "alarm"))
      return `${bad}ALARM${plain}: investigate before you continue; for details: npm run preview -- ${stack}`;
    if (drifts.length > 0)
      return `${countText(drifts)} of ${stack} ${drifts.length === 1 ? "differs" : "differ"}. To see the plan: npm run preview -- ${stack}; to apply it: npm run up -- ${stack}`;
    return notChecked.length > 0
      ? `No drift in what could be checked of ${stack}.`
      : `${good}+${plain} ${stack}: no drift`;
  }
}

const countText = ({ length }: readonly DriftRow[]): string => `${length} part${length === 1 ? "" : "s"}`;

/** The history for a terminal, newest entry last. */
export function historyLines(stack: string, entries: readonly DriftHistoryEntry[]): string[] {
  if (entries.length === 0) return [`\`npm run drift -- ${stack}\` has not found any drift yet.`];
  return entries.flatMap(({ checkedAt, drifts }) => {
    const time = `${checkedAt.slice(0, 19).replace("T", " ")}Z`;
    return drifts.length === 0
      ? [`${time}  no drift`]
      : drifts.map(({ part, actual }, index) => `${index === 0 ? time : " ".repeat(time.length)}  ${part}: ${actual}`);
  });
}

/** The report as one HTML page. */
export function pageOf({ stack, checkedAt, drifts, notChecked }: DriftReport): string {
  const title = `${stack}: ${drifts.length === 0 ? "no drift" : `${drifts.length} ${drifts.length === 1 ? "part differs" : "parts differ"}`}`;
  const state = drifts.length > 0 ? "drift" : notChecked.length > 0 ? "unknown" : "ok";
  const rows = drifts.map(({ part, desired, actual, plannedAction, kind, lostData }) => ({
    kind,
    cells: [part, desired, actual, plannedAction, lostData || "no"],
  }));
  const table = rows.length === 0 ? "" : tableOf(["part", "desired", "actual", "planned action", "loses data?"], rows);
  const hidden = notChecked.map((what) => `<p class="unknown">Not checked: ${html(what)}</p>`);
  return documentOf(title, state, [timeOfCheck(checkedAt), table, ...hidden].join("\n"));
}
