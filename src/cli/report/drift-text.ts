import { colours, noColours } from "../../checks/result-table.ts";
import type { DriftHistoryEntry, DriftReport, DriftRow } from "../documents.ts";

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
