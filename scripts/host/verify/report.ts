import type { LayerReport, Report } from "./check.ts";
import { mask } from "./mask.ts";
import type { Needle } from "./needles.ts";
import type { HistoryLine } from "./search-config.ts";

/** More lines than this help nobody. */
const mostLines = 60;
/** Characters of a history line that are shown. */
const shownHistory = 160;

export function hasFindings({ config, layers }: Report): boolean {
  return config.length > 0 || layers.length > 0;
}

/** What was found and where, a line each; no value is shown. */
export function findingLines(report: Report, needles: readonly Needle[]): string[] {
  const lines: string[] = [];
  for (const { place, what, history } of report.config) {
    const where =
      history === undefined ? place : `history line ${history + 1}, ${maker(report.history[history], needles)}`;
    lines.push(`  ${mask(where, needles)}: ${what}`);
  }
  for (const layer of [...report.layers].sort((a, b) => a.number - b.number)) {
    lines.push(`  ${layerTitle(layer, needles)}`);
    for (const { path, what } of layer.findings) lines.push(`    /${mask(path, needles)}: ${what}`);
  }
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `  and ${lines.length - mostLines} lines more`];
}

function layerTitle({ number, digest, history }: LayerReport, needles: readonly Needle[]): string {
  const shortDigest = digest.replace(/^(blobs\/)?sha256[:/]/, "").slice(0, 12);
  const name = number === 0 ? `layer ${shortDigest} of another platform` : `layer ${number} (${shortDigest})`;
  return `${name}, ${maker(history, needles)}:`;
}

function maker(line: HistoryLine | undefined, needles: readonly Needle[]): string {
  const by = mask(line?.created_by || line?.comment || "", needles).replace(/\s+/g, " ");
  if (by === "") return "whose history line is not known";
  return `made by \`${by.length > shownHistory ? `${by.slice(0, shownHistory)}...` : by}\``;
}

/** One sentence of what was searched, for how long, and what for. */
export function searchedSentence(report: Report, proxies: number, seconds: number): string {
  const { layers, files, bytes, historyLines } = report.searched;
  const what = [
    "config",
    count(historyLines, "history line"),
    `${count(layers, "layer")} (${count(files, "file")}, ${(bytes / 1e6).toFixed(0)} MB)`,
  ].join(", ");
  const purpose =
    proxies === 0
      ? "for proxy settings only: the environment has no proxy whose value could be looked for"
      : `for ${count(proxies, "proxy", "proxies")} of the environment and for proxy settings`;
  const excused =
    report.packagedFiles === 0
      ? ""
      : `; ${count(report.packagedFiles, "file")} with a hit not counted: unchanged from the distribution's packages`;
  return `searched ${what} in ${seconds.toFixed(1)} s by ${report.way}, ${purpose}${excused}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
