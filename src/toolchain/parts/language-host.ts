import { dirname, join } from "node:path";
import { isExecutable, type Source, sourceKey } from "../build.ts";
import type { Context } from "../context.ts";
import { builtFrom, installBuilt } from "../install-plugin.ts";
import type { Part } from "../part.ts";
import { whichProgram } from "../run.ts";
import { findPulumi } from "./pulumi.ts";

const source: Source = { folder: "language-nodejs", program: "pulumi-language-nodejs" };

/** The program that runs Node programs for Pulumi. An official CLI includes it. */
export function languageHostPart(context: Context): Part {
  return {
    name: "Node language host",
    wanted: source.program,
    async inspect() {
      const found = await findLanguageHost(context);
      if (!found)
        return {
          isPresent: false,
          found: "nothing",
          plan: "set-up installs an official CLI, which includes it, or builds plugins/language-nodejs",
        };
      return { isPresent: true, found: found.from, where: found.path };
    },
    install: (step) => installBuilt(context, source, pluginFolder(context), step),
  };
}

export async function findLanguageHost(context: Context): Promise<{ path: string; from: string } | undefined> {
  if (context.official) {
    const pulumi = await findPulumi(context);
    const beside = pulumi && join(dirname(pulumi.path), source.program);
    if (beside && isExecutable(beside)) return { path: beside, from: "in the CLI" };
    const onPath = whichProgram(source.program);
    if (onPath) return { path: onPath, from: "on PATH" };
  }
  const folder = pluginFolder(context);
  if (builtFrom(folder) !== sourceKey(context, source)) return undefined;
  return { path: join(folder, source.program), from: "built" };
}

/** In PULUMI_HOME, because Pulumi prints a warning in every run for a language host that is on PATH, but not next to the CLI. */
function pluginFolder({ pulumiHome, toolchain }: Context): string {
  return join(pulumiHome, "plugins", `language-nodejs-v${toolchain.pulumi.version}`);
}
