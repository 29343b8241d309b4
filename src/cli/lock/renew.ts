import { join } from "node:path";
import {
  checksumAddress,
  type LockedSource,
  type LockedTool,
  type Processor,
  processors,
} from "../../config/tool-lock.ts";
import { officialAddress } from "../../model/tool-sources.ts";
import { ask, npmView, packageSum, publishedSum } from "./ask.ts";
import { newestAt, newestOf } from "./versions.ts";

const checksumProgram = join(import.meta.dirname, "../../../scripts/lib/published-checksum");

/** Awaits the answer of a source; undefined if it does not answer. Then its part of the lock file stays unchanged. */
type Attempt = <T>(who: string, answer: Promise<T>) => Promise<T | undefined>;

/** A tool's part of the lock file with the newest versions from its sources. */
export async function renewTool(tool: LockedTool, major: boolean, attempt: Attempt): Promise<LockedTool> {
  const packages = tool.packages && { packages: await renewPackages(tool.packages, attempt) };
  if (tool.version === undefined || tool.sources === undefined) return { ...tool, ...packages };
  const version = await newestVersion(tool, major, attempt);
  const line = tool.line && { line: version.split(".")[0] ?? tool.line };
  const sources: LockedSource[] = [];
  for (const source of tool.sources)
    sources.push(await renewSource(source, version, version !== tool.version, attempt));
  return { ...tool, ...packages, version, ...line, sources };
}

/** The newest version at the first source that answers, but never an older one than the locked version. */
async function newestVersion(tool: LockedTool, major: boolean, attempt: Attempt): Promise<string> {
  const locked = tool.version ?? "";
  for (const source of tool.sources ?? []) {
    const found = await attempt(source.from, newestAt(source, major ? undefined : tool.line));
    if (found !== undefined) return newestOf([found, locked]) ?? locked;
  }
  return locked;
}

async function renewPackages(
  packages: Readonly<Record<string, string>>,
  attempt: Attempt,
): Promise<Record<string, string>> {
  const renew = async ([name, version]: [string, string]) =>
    [name, (await attempt(name, npmView(name, "version"))) ?? version] as const;
  return Object.fromEntries(await Promise.all(Object.entries(packages).map(renew)));
}

/** A source with checksums for a version. Drops the checksums of another version, even where no new ones can be fetched. */
async function renewSource(
  source: LockedSource,
  version: string,
  isOther: boolean,
  attempt: Attempt,
): Promise<LockedSource> {
  const { sha256: known = {}, ...rest } = source;
  const sums: Partial<Record<Processor, string>> = isOther ? {} : { ...known };
  for (const processor of processors) {
    const address = source[processor]?.replaceAll("{version}", version);
    if (address === undefined || sums[processor] !== undefined) continue;
    const sum = await attempt(source.from, checksum(source, address, version, processor));
    if (sum !== undefined) sums[processor] = sum;
  }
  return Object.keys(sums).length > 0 ? { ...rest, sha256: sums } : rest;
}

async function checksum(source: LockedSource, address: string, version: string, processor: Processor): Promise<string> {
  const [, kind, spec = ""] = /^(npm|pypi):(.*)$/s.exec(address) ?? [];
  if (kind === "npm" || kind === "pypi") return packageSum(kind, spec, processor);
  const file = officialAddress(address);
  const document = checksumAddress(source.checksums ?? "", file).replaceAll("{version}", version);
  return publishedSum(checksumProgram, file, await ask(document));
}
