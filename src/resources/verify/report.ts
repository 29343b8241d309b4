import type { LayerReport, Report } from "./check.ts";
import type { Needle } from "./needles.ts";
import type { HistoryLine } from "./search-config.ts";

/** Limits the number of lines. Config, history, files and each layer have limits of their own, so that none crowds out another. */
const limits = { config: 20, history: 20, files: 100, minimumPerLayer: 5 };
/** How many characters of a history line are shown. */
const shownHistory = 160;

/** The findings with their places, one per line, without values. */
export function findingLines(report: Report, needles: readonly Needle[]): string[] {
  const config: string[] = [];
  const history: string[] = [];
  for (const { place, what, history: line } of report.config) {
    const where = line === undefined ? place : `history line ${line + 1}, ${maker(report.history[line], needles)}`;
    (line === undefined ? config : history).push(`  ${mask(where, needles)}: ${what}`);
  }
  const each = Math.max(limits.minimumPerLayer, Math.floor(limits.files / report.layers.length));
  const layers = [...report.layers].sort((a, b) => a.number - b.number);
  return [
    ...shortened(config, limits.config, "  and $ more in its config"),
    ...shortened(history, limits.history, "  and $ more in its history"),
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

/** @param rest the line for the omitted ones; its $ becomes their number */
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
  if (by === "") return "history line unknown";
  return `created by \`${by.length > shownHistory ? `${by.slice(0, shownHistory)}...` : by}\``;
}

/** A sentence about what was searched, how long it took, and what it was searched for. */
export function searchedSentence(report: Report, proxies: number, seconds: number): string {
  const { layers, files, bytes, historyLines } = report.searched;
  const what = [
    "config",
    count(historyLines, "history line"),
    `${count(layers, "layer")} (${count(files, "file")}, ${(bytes / 1e6).toFixed(0)} MB)`,
  ].join(", ");
  const purpose =
    proxies === 0
      ? "for proxy settings only: the environment has no proxy to search for"
      : `for ${count(proxies, "proxy", "proxies")} of the environment and for proxy settings`;
  const notCounted =
    report.packagedFiles === 0 ? "" : `; not counted: ${count(report.packagedFiles, "unchanged file")} of packages`;
  return `searched ${what} in ${seconds.toFixed(1)} s from ${report.way}, ${purpose}${notCounted}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Hides the needles, all credentials in URLs, and the values of proxy variables in a text from an image. */
function mask(text: string, needles: readonly Needle[]): string {
  let shown = text;
  for (const { bytes, what } of needles) {
    const value = bytes.toString().replace(/[^\w\s]/g, "\\$&");
    // The characters around it in the base64 belong to the same secret.
    const whole = what.includes("base64") ? `[\\w+/-]*${value}[\\w+/=-]*` : value;
    shown = shown.replace(new RegExp(whole, "g"), "***");
  }
  return shown
    .replace(/:\/\/[^/@\s"']*@/g, "://***@")
    .replace(/(\w*proxy[\w:-]*\s*[= ]\s*)("[^"]+"|'[^']+'|\S*(?::\/\/|:\d)\S*)/gi, "$1***");
}
