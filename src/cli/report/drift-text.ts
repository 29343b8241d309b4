import { colours, noColours } from "../../checks/result-table.ts";
import type { DriftReport, DriftRow } from "./drift.ts";
import type { DriftHistoryEntry } from "./drift-history.ts";

/** The report for a terminal: a row for each part, with what `up` does about it below. */
export function reportLines({ stack, drifts, notLookedAt }: DriftReport, inColour: boolean): string[] {
  const { bad, doubtful, good, plain } = inColour ? colours : noColours;
  const marks = { drift: `${doubtful}!${plain}`, changed: `${doubtful}~${plain}`, alarm: `${bad}x${plain}` };
  const width = Math.max(0, ...drifts.map(({ part }) => part.length));
  const indent = " ".repeat(width + 4);
  const rows = drifts.flatMap(({ part, declared, found, plan, kind, loses }) => [
    `${marks[kind]} ${part.padEnd(width)}  ${found}`,
    `${indent}declared: ${declared}`,
    `${indent}plan: ${plan}`,
    ...(loses === "" ? [] : [`${indent}${bad}loses: ${loses}${plain}`]),
  ]);
  const hidden = notLookedAt.map((what) => `- not looked at: ${what}`);
  return [...rows, ...hidden, ...(rows.length + hidden.length > 0 ? [""] : []), `${summary()}`];

  function summary(): string {
    if (drifts.some(({ kind }) => kind === "alarm"))
      return `${bad}ALARM${plain}: nobody but you can say whether this is right: npm run preview -- ${stack}`;
    if (drifts.length > 0)
      return `${countText(drifts)} of ${stack} ${drifts.length === 1 ? "is" : "are"} not as declared. The plan: npm run preview -- ${stack}; to carry it out: npm run up -- ${stack}`;
    return notLookedAt.length > 0
      ? `What could be looked at of ${stack} is as declared.`
      : `${good}+${plain} ${stack} is as declared.`;
  }
}

const countText = ({ length }: readonly DriftRow[]): string => `${length} part${length === 1 ? "" : "s"}`;

/** The newest last. */
export function historyLines(stack: string, entries: readonly DriftHistoryEntry[]): string[] {
  if (entries.length === 0) return [`No call of \`npm run drift -- ${stack}\` has found anything yet.`];
  return entries.flatMap(({ at, drifts }) => {
    const time = `${at.slice(0, 19).replace("T", " ")}Z`;
    return drifts.length === 0
      ? [`${time}  as declared again`]
      : drifts.map(({ part, found }, index) => `${index === 0 ? time : " ".repeat(time.length)}  ${part}: ${found}`);
  });
}
