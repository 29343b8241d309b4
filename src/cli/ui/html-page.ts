/** A self-contained HTML page, with light and dark themes, for desktops and phones. */
export const documentOf = (title: string, state: "ok" | "drift" | "unknown", body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${style}</style>
<h1 class="${state}">${html(title)}</h1>
${body}
</html>`;

export const timeOfCheck = (at: string): string =>
  `<p>Checked at <time datetime="${html(at)}">${html(at.slice(0, 19).replace("T", " "))} UTC</time></p>`;

/** A table row, whose first cell is its header. The other cells carry their column's name, which phones show. */
interface TableRow {
  readonly kind: string;
  readonly cells: readonly string[];
}

export function tableOf(columns: readonly string[], rows: readonly TableRow[]): string {
  const head = columns.map((column) => `<th scope="col">${html(column)}</th>`).join("");
  const body = rows.map(({ kind, cells: [first = "", ...rest] }) => {
    const cells = rest.map((text, index) => `<td data-column="${html(columns[index + 1] ?? "")}">${html(text)}</td>`);
    return `<tr class="${html(kind)}"><th scope="row">${html(first)}</th>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead>\n<tbody>${body.join("\n")}</tbody></table>`;
}

/** Escapes untrusted text from a host for use in a page. */
export const html = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; border-left: 0.4rem solid; padding-left: 0.8rem; }
.ok { border-color: #2a8a3e; } .drift { border-color: #c77700; } .alarm, .unknown { border-color: #c62828; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.8rem; border-bottom: 1px solid #8886; overflow-wrap: break-word; }
tbody th { white-space: nowrap; } tr.alarm th, tr.unknown th { color: #c62828; } tr.drift th, tr.changed th { color: #b26a00; }
thead th { white-space: nowrap; } button { all: unset; cursor: pointer; }
@media (max-width: 45rem) {
  thead { display: none; }
  tr { display: block; border-bottom: 2px solid #8886; padding: 0.5rem 0; }
  tbody th, td { display: block; border: 0; padding: 0.15rem 0; white-space: normal; }
  td:empty { display: none; }
  td::before { content: attr(data-column) ": "; opacity: 0.65; }
}`;
