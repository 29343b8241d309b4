import { copyFileSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Names, inside an installed plugin that we built, the content it was built from. */
const keyFile = ".built-from";

/**
 * Installs a program that we built as a plugin. The folder is made beside and renamed: Pulumi never sees half a plugin.
 *
 * @param folder where Pulumi looks for it, for example `PULUMI_HOME/plugins/resource-docker-v5.2.0`
 * @param key names the content that it was built from
 */
export function installPlugin(program: string, folder: string, key: string): void {
  // A name that Pulumi does not take for a plugin's.
  const stage = join(dirname(folder), `.benchbox-${basename(folder)}`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  try {
    linkSync(program, join(stage, basename(program)));
  } catch {
    copyFileSync(program, join(stage, basename(program)));
  }
  writeFileSync(join(stage, keyFile), `${key}\n`);
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.partial`, { force: true });
  renameSync(stage, folder);
}

/** What an installed plugin was built from; undefined when it was not built by us. */
export function builtFrom(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, keyFile), "utf8").trim();
  } catch {
    return undefined;
  }
}
