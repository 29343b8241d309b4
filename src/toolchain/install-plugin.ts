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
import { build, builtProgram, type Source, sourceKey } from "./build.ts";
import type { Context } from "./context.ts";
import type { Step } from "./progress.ts";

/** A file in each plugin that set-up built: the key of the sources that it was built from. */
const keyFile = ".built-from";

/**
 * Builds a program, unless the cache has it, and installs it as a Pulumi plugin, with the other files in its folder. Pulumi calls both
 * providers and language hosts plugins. The new folder is prepared next to its final place and then renamed, so that Pulumi never sees half
 * a plugin.
 *
 * @param folder where Pulumi looks for the plugin, for example `PULUMI_HOME/plugins/resource-docker-v5.2.0`
 * @returns what was done
 */
export async function installBuilt(context: Context, source: Source, folder: string, step: Step): Promise<string> {
  const program = builtProgram(context, source) ?? (await build(context, source, step));
  // Pulumi does not recognize this name as a plugin's.
  const stage = join(dirname(folder), `.benchbox-${basename(folder)}`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const file of readdirSync(dirname(program))) linkOrCopy(join(dirname(program), file), join(stage, file));
  writeFileSync(join(stage, keyFile), `${sourceKey(context, source)}\n`);
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.partial`, { force: true });
  renameSync(stage, folder);
  return `built from plugins/${source.folder}`;
}

/** Hard links the file, or copies it if the cache and the plugins are on different file systems. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** The key of the sources that an installed plugin was built from; undefined if set-up did not build it. */
export function builtFrom(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, keyFile), "utf8").trim();
  } catch {
    return undefined;
  }
}
