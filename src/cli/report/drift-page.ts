import { documentOf, html, lookedAt, tableOf } from "./document.ts";
import type { DriftReport } from "./drift.ts";

/** The report as one page. */
export function pageOf({ stack, at, drifts, notLookedAt }: DriftReport): string {
  const title = `${stack}: ${drifts.length === 0 ? "as declared" : `${drifts.length} not as declared`}`;
  const state = drifts.length > 0 ? "drift" : notLookedAt.length > 0 ? "unknown" : "well";
  const rows = drifts.map(({ part, declared, found, plan, kind, loses }) => ({
    kind,
    cells: [part, declared, found, plan, loses || "no"],
  }));
  const table = rows.length === 0 ? "" : tableOf(["part", "declared", "found", "plan", "loses data?"], rows);
  const hidden = notLookedAt.map((what) => `<p class="unknown">Not looked at: ${html(what)}</p>`);
  return documentOf(title, state, [lookedAt(at), table, ...hidden].join("\n"));
}
