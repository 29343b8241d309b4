import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Schema } from "./schema-surface.ts";

const run = promisify(execFile);

/** The pinned versions, the same as in package.json and src/toolchain/versions.json. */
const versions = { docker: "5.2.0", command: "1.2.1" };
export type ProviderName = keyof typeof versions;
export const providerNames = Object.keys(versions) as ProviderName[];

/** The folder that contains `resource-docker-v5.2.0/`: BENCHBOX_PLUGINS, or the one that set-up installed into. */
export const pluginsFolder = process.env.BENCHBOX_PLUGINS ?? join(process.env.PULUMI_HOME ?? "", "plugins");

/**
 * Why the tests do not apply to a provider; undefined if they do. They compare a provider that this project builds with the official one,
 * so they do not apply to an official one that set-up installed. Set-up marks what it built with `.built-from`.
 */
export function notBuilt(name: ProviderName): string | undefined {
  if (process.env.BENCHBOX_PLUGINS || !existsSync(program(name))) return undefined;
  const mark = join(folder(name), ".built-from");
  return existsSync(mark) ? undefined : `${program(name)} is the official provider: there is no ${mark}`;
}

/** The schema of what a provider serves. */
export async function servedSchema(name: ProviderName): Promise<Schema> {
  if (!existsSync(program(name))) {
    throw new Error(
      `there is no provider ${program(name)}\n  Fix: npm test, which builds it; or build one, and set BENCHBOX_PLUGINS to its folder`,
    );
  }
  const { stdout } = await run("pulumi", ["package", "get-schema", program(name)], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** The program of the Docker provider that the stacks of this clone use. */
export const dockerProviderProgram = (): string => program("docker");

function folder(name: ProviderName): string {
  return join(pluginsFolder, `resource-${name}-v${versions[name]}`);
}

function program(name: ProviderName): string {
  return join(folder(name), `pulumi-resource-${name}`);
}
