import { load } from "js-yaml";
import { hashOf } from "../model/hash.ts";
import type { ToolSettings } from "../model/machine.ts";
import { type Mirrors, official, officialAddress, placesOf } from "../model/tool-sources.ts";

/** The contents of `tools.lock.yml`: the locked versions, by the name of the tool's script. */
export type ToolLock = Readonly<Record<string, LockedTool>>;

export interface LockedTool {
  readonly version?: string;
  /** The major version that updates stay on, even when there is a newer one. */
  readonly line?: string;
  readonly sources?: readonly LockedSource[];
  /** Versions of the packages that the script installs with a package manager. */
  readonly packages?: Readonly<Record<string, string>>;
}

export const processors = ["x86_64", "aarch64"] as const;
export type Processor = (typeof processors)[number];

/** Where a tool comes from; the header of `tools.lock.yml` describes the fields. */
export interface LockedSource extends Readonly<Partial<Record<Processor, string>>> {
  readonly from: string;
  readonly checksums?: string;
  readonly sha256?: Readonly<Partial<Record<Processor, string>>>;
}

/** Parses the text of the lock file. Pure. */
export const readToolLock = (text: string): ToolLock => (load(text) ?? {}) as ToolLock;

/** A hash that changes with the version or the files of a tool, but not with the addresses they are downloaded from. */
export const lockHash = (tool: LockedTool | undefined): string =>
  hashOf(JSON.stringify([tool?.version, tool?.packages, tool?.sources?.map(({ sha256 }) => sha256)]));

/** The lines `key=value` that a tool's script gets in BENCHBOX_LOCK and `scripts/lib/download.sh` reads. */
export function lockLines(tool: LockedTool | undefined, { policy, mirrors }: ToolSettings): string {
  const lines = [`policy=${policy}`];
  if (tool?.version !== undefined) lines.push(`version=${tool.version}`);
  if (tool?.line !== undefined) lines.push(`line=${tool.line}`);
  // The first one only: pixi would combine several channels, and fail when it cannot reach one of them.
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

/** The publisher's checksum comes first. A mirror's checksum of its own file only protects against damage, so it is the last resort. */
function checksumsOf({ checksums }: LockedSource, address: string, place: string): string {
  if (checksums === undefined || checksums === "index") return checksums ?? "-";
  const file = officialAddress(address);
  const own = checksums.startsWith("{") && place !== file ? [fill(checksums, place)] : [];
  return [checksumAddress(checksums, file), ...own].join(" ");
}

/** The publisher's address for the checksum of a file at one of its own addresses. */
export const checksumAddress = (checksums: string, file: string): string => fill(officialAddress(checksums), file);

const fill = (checksums: string, file: string): string =>
  checksums.replaceAll("{file}", file).replaceAll("{folder}", file.slice(0, file.lastIndexOf("/")));
