import { compareVersions } from "compare-versions";
import { type LockedSource, processors } from "../../config/tool-lock.ts";
import { officialSites } from "../../model/tool-sources.ts";
import { ask, npmView, pipVersions } from "./ask.ts";

/** The newest release in a list, within a major version where one is given. */
export function newestOf(versions: readonly string[], line?: string): string | undefined {
  return versions
    .filter((version) => /^\d+(\.\d+)*$/.test(version) && (line === undefined || version.split(".")[0] === line))
    .sort(compareVersions)
    .at(-1);
}

/** The prefix of the version in a release's tag: `bun-v` in `github:oven-sh/bun/releases/download/bun-v{version}/...`. */
export const tagPrefix = (address: string): string => /\/download\/(.*?)\{version\}/.exec(address)?.[1] ?? "";

/** The newest version at a source, within the major version `line` where one is given. */
export async function newestAt(source: LockedSource, line: string | undefined): Promise<string> {
  const address = processors.map((processor) => source[processor]).find((one) => one !== undefined) ?? "";
  const [, kind = "", rest = ""] = /^(\w+):(.*)$/s.exec(address) ?? [];
  const listVersions = versionLists[kind];
  if (listVersions === undefined) throw new Error("listing its versions is not supported");
  const found = newestOf(await listVersions(rest), line);
  if (found === undefined) throw new Error(`no version${line ? ` ${line}` : ""} found`);
  return found;
}

const versionLists: Readonly<Record<string, (rest: string) => Promise<string[]>>> = {
  github: async (rest) => {
    const [owner, repository] = rest.split("/");
    const { tag_name } = await askJson<{ tag_name: string }>(
      `https://api.github.com/repos/${owner}/${repository}/releases/latest`,
    );
    return [tag_name.slice(tagPrefix(rest).length)];
  },
  nodejs: async () => {
    const releases = await askJson<{ version: string; lts: false | string }[]>(`${officialSites.nodejs}/index.json`);
    return releases.filter(({ lts }) => lts !== false).map(({ version }) => version.slice(1));
  },
  claude: async () => [(await ask(`${officialSites.claude}/latest`)).trim()],
  npm: async (rest) => [(await npmView(packageName(rest), "version")).replace(/-.*/, "")],
  pypi: (rest) => pipVersions(rest.replace(/==.*/, "")),
};

/** `@openai/codex` in `@openai/codex@{version}-linux-x64`. */
const packageName = (address: string): string => address.slice(0, address.lastIndexOf("@"));

const askJson = async <T>(address: string): Promise<T> => JSON.parse(await ask(address)) as T;
