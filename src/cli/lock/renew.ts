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
import { isNewer, newestAt } from "./versions.ts";

const checksumProgram = join(import.meta.dirname, "../../../scripts/lib/published-checksum");

/** UserError of who cannot be asked, so that what is known of it stays as it is. */
type Keep = (who: string, error: unknown) => void;

/** A tool's part of the lock file, as new as its sources say. */
export async function renewTool(tool: LockedTool, major: boolean, keep: Keep): Promise<LockedTool> {
  const renewed: { -readonly [Key in keyof LockedTool]: LockedTool[Key] } = { ...tool };
  if (tool.packages) renewed.packages = await renewPackages(tool.packages, keep);
  if (tool.version === undefined || tool.sources === undefined) return renewed;
  const version = await newestVersion(tool, major, keep);
  renewed.version = version;
  if (tool.line !== undefined) renewed.line = version.split(".")[0] ?? tool.line;
  const sources: LockedSource[] = [];
  for (const source of tool.sources) sources.push(await renewSource(source, version, version !== tool.version, keep));
  renewed.sources = sources;
  return renewed;
}

/** By the first source that answers. A registry that lags behind does not lead back. */
async function newestVersion(tool: LockedTool, major: boolean, keep: Keep): Promise<string> {
  const locked = tool.version ?? "";
  for (const source of tool.sources ?? []) {
    try {
      const found = await newestAt(source, major ? undefined : tool.line);
      return isNewer(found, locked) ? found : locked;
    } catch (error) {
      keep(source.from, error);
    }
  }
  return locked;
}

async function renewPackages(packages: Readonly<Record<string, string>>, keep: Keep): Promise<Record<string, string>> {
  const all = await Promise.all(
    Object.entries(packages).map(async ([name, version]) => {
      try {
        return [name, await npmView(name, "version")];
      } catch (error) {
        keep(name, error);
        return [name, version];
      }
    }),
  );
  return Object.fromEntries(all);
}

/** Checksums of another version are of no use: where none can be got, there is none. */
async function renewSource(source: LockedSource, version: string, isOther: boolean, keep: Keep): Promise<LockedSource> {
  const { sha256: known = {}, ...rest } = source;
  const sums: Partial<Record<Processor, string>> = isOther ? {} : { ...known };
  for (const processor of processors) {
    const address = source[processor]?.replaceAll("{version}", version);
    if (address === undefined || sums[processor] !== undefined) continue;
    try {
      sums[processor] = await checksum(source, address, version, processor);
    } catch (error) {
      keep(source.from, error);
    }
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
