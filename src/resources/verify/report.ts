import type { LayerReport, Report } from "./check.ts";
import { mask } from "./mask.ts";
import type { Needle } from "./needles.ts";
import type { HistoryLine } from "./search-config.ts";

/** More lines than this help nobody. Config, history and files each have a share, and so has each layer: none crowds out another. */
const most = { config: 20, history: 20, files: 100, leastOfLayer: 5 };
/** Characters of a history line that are shown. */
const shownHistory = 160;

export function hasFindings({ config, layers }: Report): boolean {
  return config.length > 0 || layers.length > 0;
}

/** What was found and where, a line each; no value is shown. */
export function findingLines(report: Report, needles: readonly Needle[]): string[] {
  const config: string[] = [];
  const history: string[] = [];
  for (const { place, what, history: line } of report.config) {
    const where = line === undefined ? place : `history line ${line + 1}, ${maker(report.history[line], needles)}`;
    (line === undefined ? config : history).push(`  ${mask(where, needles)}: ${what}`);
  }
  const each = Math.max(most.leastOfLayer, Math.floor(most.files / report.layers.length));
  const layers = [...report.layers].sort((a, b) => a.number - b.number);
  return [
    ...shortened(config, most.config, "  and $ more in its config"),
    ...shortened(history, most.history, "  and $ more in its history"),
    ...layers.flatMap((layer) => [
      `  ${layerTitle(layer, needles)}`,
      ...shortened(
        layer.findings.map(({ path, what }) => `    /${mask(path, needles)}: ${what}`),
        each,
        "    and $ more in this layer",
      ),
    ]),
  ];
}

/** @param rest says how many lines are left out, in the place of its $ */
function shortened(lines: readonly string[], shown: number, rest: string): string[] {
  if (lines.length <= shown) return [...lines];
  return [...lines.slice(0, shown), rest.replace("$", `${lines.length - shown}`)];
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
      : `; ${count(report.packagedFiles, "file")} with a hit not counted: as packages brought them`;
  return `searched ${what} in ${seconds.toFixed(1)} s by ${report.way}, ${purpose}${excused}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
