import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Names, inside an installed plugin that we built, the content it was built from. */
const keyFile = ".built-from";

/**
 * Installs a program that we built, with what stands beside it, as a plugin. The folder is made beside and renamed: Pulumi never sees half a plugin.
 *
 * @param folder where Pulumi looks for it, for example `PULUMI_HOME/plugins/resource-docker-v5.2.0`
 * @param key names the content that it was built from
 */
export function installPlugin(program: string, folder: string, key: string): void {
  // A name that Pulumi does not take for a plugin's.
  const stage = join(dirname(folder), `.benchbox-${basename(folder)}`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const file of readdirSync(dirname(program))) linkOrCopy(join(dirname(program), file), join(stage, file));
  writeFileSync(join(stage, keyFile), `${key}\n`);
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.partial`, { force: true });
  renameSync(stage, folder);
}

/** A link, unless the cache and the plugins are on two file systems. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** What an installed plugin was built from; undefined when it was not built by us. */
export function builtFrom(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, keyFile), "utf8").trim();
  } catch {
    return undefined;
  }
}
