import type { DriftReport } from "../documents.ts";
import { documentOf, html, tableOf, timeOfCheck } from "../ui/html-page.ts";

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
