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

/** Called for each source that does not answer; its part of the lock file stays unchanged. */
type OnUnreachable = (who: string, error: unknown) => void;

/** A tool's part of the lock file with the newest versions from its sources. */
export async function renewTool(tool: LockedTool, major: boolean, onUnreachable: OnUnreachable): Promise<LockedTool> {
  const renewed: { -readonly [Key in keyof LockedTool]: LockedTool[Key] } = { ...tool };
  if (tool.packages) renewed.packages = await renewPackages(tool.packages, onUnreachable);
  if (tool.version === undefined || tool.sources === undefined) return renewed;
  const version = await newestVersion(tool, major, onUnreachable);
  renewed.version = version;
  if (tool.line !== undefined) renewed.line = version.split(".")[0] ?? tool.line;
  const sources: LockedSource[] = [];
  for (const source of tool.sources)
    sources.push(await renewSource(source, version, version !== tool.version, onUnreachable));
  renewed.sources = sources;
  return renewed;
}

/** The newest version at the first source that answers, but never an older one than the locked version. */
async function newestVersion(tool: LockedTool, major: boolean, onUnreachable: OnUnreachable): Promise<string> {
  const locked = tool.version ?? "";
  for (const source of tool.sources ?? []) {
    try {
      const found = await newestAt(source, major ? undefined : tool.line);
      return isNewer(found, locked) ? found : locked;
    } catch (error) {
      onUnreachable(source.from, error);
    }
  }
  return locked;
}

async function renewPackages(
  packages: Readonly<Record<string, string>>,
  onUnreachable: OnUnreachable,
): Promise<Record<string, string>> {
  const all = await Promise.all(
    Object.entries(packages).map(async ([name, version]) => {
      try {
        return [name, await npmView(name, "version")];
      } catch (error) {
        onUnreachable(name, error);
        return [name, version];
      }
    }),
  );
  return Object.fromEntries(all);
}

/** A source with checksums for a version. Drops the checksums of another version, even where no new ones can be fetched. */
async function renewSource(
  source: LockedSource,
  version: string,
  isOther: boolean,
  onUnreachable: OnUnreachable,
): Promise<LockedSource> {
  const { sha256: known = {}, ...rest } = source;
  const sums: Partial<Record<Processor, string>> = isOther ? {} : { ...known };
  for (const processor of processors) {
    const address = source[processor]?.replaceAll("{version}", version);
    if (address === undefined || sums[processor] !== undefined) continue;
    try {
      sums[processor] = await checksum(source, address, version, processor);
    } catch (error) {
      onUnreachable(source.from, error);
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
