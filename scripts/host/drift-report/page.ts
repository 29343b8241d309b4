import type { DriftReport, DriftRow } from "./report.ts";

/** The report as one page that needs nothing else, and fits on a phone. */
export function pageOf({ stack, at, drifts, notLookedAt }: DriftReport): string {
  const title = `${stack}: ${drifts.length === 0 ? "as declared" : `${drifts.length} not as declared`}`;
  const state = drifts.length > 0 ? "drift" : notLookedAt.length > 0 ? "unknown" : "well";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${style}</style>
<h1 class="${state}">${html(title)}</h1>
<p>Looked at <time datetime="${html(at)}">${html(at.slice(0, 19).replace("T", " "))} UTC</time></p>
${drifts.length === 0 ? "" : tableOf(drifts)}
${notLookedAt.map((what) => `<p class="unknown">Not looked at: ${html(what)}</p>`).join("\n")}
</html>`;
}

const columns = ["part", "declared", "found", "plan", "loses data?"] as const;

function tableOf(drifts: readonly DriftRow[]): string {
  const head = columns.map((column) => `<th scope="col">${column}</th>`).join("");
  const rows = drifts.map(({ part, declared, found, plan, kind, loses }) => {
    const cells = [declared, found, plan, loses || "no"].map(
      (text, index) => `<td data-column="${columns[index + 1]}">${html(text)}</td>`,
    );
    return `<tr class="${kind}"><th scope="row">${html(part)}</th>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead>\n<tbody>${rows.join("\n")}</tbody></table>`;
}

/** Text of the machine's, which may be anything. */
const html = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; border-left: 0.4rem solid; padding-left: 0.8rem; }
.well { border-color: #2a8a3e; } .drift { border-color: #c77700; } .alarm, .unknown { border-color: #c62828; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.8rem; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
tbody th { white-space: nowrap; } tr.alarm th { color: #c62828; }
@media (max-width: 45rem) {
  thead { display: none; }
  tr { display: block; border-bottom: 2px solid #8886; padding: 0.5rem 0; }
  tbody th, td { display: block; border: 0; padding: 0.15rem 0; white-space: normal; }
  td::before { content: attr(data-column) ": "; opacity: 0.65; }
}`;
