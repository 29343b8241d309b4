import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Schema } from "./schema-surface.ts";

const run = promisify(execFile);

/** What the project pins: package.json and src/toolchain/versions.json say the same. */
const versions = { docker: "5.2.0", command: "1.2.1" };
export type PluginName = keyof typeof versions;
export const pluginNames = Object.keys(versions) as PluginName[];

/** The folder that holds `resource-docker-v5.2.0/`: a build of one's own, else what set-up installed. */
export const pluginsFolder = process.env.BENCHBOX_PLUGINS ?? join(process.env.PULUMI_HOME ?? "", "plugins");

/**
 * Why the tests do not apply to this plugin; undefined when they do. They hold what this project builds to the official
 * plugins. Where set-up could install those there is nothing to hold; what it built it marks with `.built-from`.
 */
export function notBuilt(name: PluginName): string | undefined {
  if (process.env.BENCHBOX_PLUGINS || !existsSync(program(name))) return undefined;
  const mark = join(folder(name), ".built-from");
  return existsSync(mark) ? undefined : `${program(name)} is the official plugin: no ${mark} beside it`;
}

/** What the plugin says that it serves. */
export async function servedSchema(name: PluginName): Promise<Schema> {
  if (!existsSync(program(name))) {
    throw new Error(
      `no plugin at ${program(name)}; \`npm test\` builds it, or build one and name it in BENCHBOX_PLUGINS`,
    );
  }
  const { stdout } = await run("pulumi", ["package", "get-schema", program(name)], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** The program of the docker plugin that stacks here use. */
export const dockerPluginProgram = (): string => program("docker");

function folder(name: PluginName): string {
  return join(pluginsFolder, `resource-${name}-v${versions[name]}`);
}

function program(name: PluginName): string {
  return join(folder(name), `pulumi-resource-${name}`);
}
