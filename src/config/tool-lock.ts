import { load } from "js-yaml";
import { hashOf } from "../model/hash.ts";
import type { ToolSettings } from "../model/machine.ts";
import { type Mirrors, official, officialAddress, placesOf } from "../model/tool-sources.ts";

/** `tools.lock.yml`, by the name of the tool's script. */
export type ToolLock = Readonly<Record<string, LockedTool>>;

export interface LockedTool {
  readonly version?: string;
  /** The major version that it stays on, whatever is newer. */
  readonly line?: string;
  readonly sources?: readonly LockedSource[];
  /** Versions of packages that the script installs by a package manager. */
  readonly packages?: Readonly<Record<string, string>>;
}

export const processors = ["x86_64", "aarch64"] as const;
export type Processor = (typeof processors)[number];

/** See the head of `tools.lock.yml`. */
export interface LockedSource extends Readonly<Partial<Record<Processor, string>>> {
  readonly from: string;
  readonly checksums?: string;
  readonly sha256?: Readonly<Partial<Record<Processor, string>>>;
}

/** Pure: `text` is the lock file's. */
export const readToolLock = (text: string): ToolLock => (load(text) ?? {}) as ToolLock;

/** Changes when another version or another file is wanted, and not when only the way to it is another one. */
export const lockHash = (tool: LockedTool | undefined): string =>
  hashOf(JSON.stringify([tool?.version, tool?.packages, tool?.sources?.map(({ sha256 }) => sha256)]));

/** What a tool's script is told on BENCHBOX_LOCK: lines `key=value`, as `scripts/lib/download.sh` reads them. */
export function lockLines(tool: LockedTool | undefined, { policy, mirrors }: ToolSettings): string {
  const lines = [`policy=${policy}`];
  if (tool?.version !== undefined) lines.push(`version=${tool.version}`);
  if (tool?.line !== undefined) lines.push(`line=${tool.line}`);
  // One only: pixi would put several together, and fail when any of them cannot be reached.
  const [channel] = mirrors.conda ?? [];
  if (tool?.packages !== undefined && channel !== undefined && channel !== official) lines.push(`channel=${channel}`);
  for (const [name, version] of Object.entries(tool?.packages ?? {})) lines.push(`package=${name} ${version}`);
  for (const source of tool?.sources ?? []) {
    for (const processor of processors) lines.push(...sourceLines(source, processor, mirrors));
  }
  return lines.map((line) => `${line}\n`).join("");
}

function sourceLines(source: LockedSource, processor: Processor, mirrors: Mirrors): string[] {
  const address = source[processor];
  if (address === undefined) return [];
  return placesOf(address, source.from, mirrors).map(({ site, address: place }) => {
    const fields = [site, processor, place, source.sha256?.[processor] ?? "-", checksumsOf(source, address, place)];
    return `source=${fields.join("\t")}`;
  });
}

/** The publisher's own word first. A mirror's word about its own file protects from damage only, and is the last resort. */
function checksumsOf({ checksums }: LockedSource, address: string, place: string): string {
  if (checksums === undefined || checksums === "index") return checksums ?? "-";
  const file = officialAddress(address);
  const own = checksums.startsWith("{") && place !== file ? [fill(checksums, place)] : [];
  return [checksumAddress(checksums, file), ...own].join(" ");
}

/** Where the publisher has the checksum of the file at an address of its own. */
export const checksumAddress = (checksums: string, file: string): string => fill(officialAddress(checksums), file);

const fill = (checksums: string, file: string): string =>
  checksums.replaceAll("{file}", file).replaceAll("{folder}", file.slice(0, file.lastIndexOf("/")));
