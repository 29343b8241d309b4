import { dirname, join } from "node:path";
import { build, builtProgram, isExecutable, keyOfSource, type Source } from "../build.ts";
import type { Context } from "../context.ts";
import { builtFrom, installPlugin } from "../install-plugin.ts";
import type { Part } from "../part.ts";
import { whichProgram } from "../run.ts";
import { findPulumi } from "./pulumi.ts";

const source: Source = { folder: "language-nodejs", program: "pulumi-language-nodejs" };

/** What lets Pulumi run a Node program. An official CLI has it beside itself. */
export function languageHostPart(context: Context): Part {
  return {
    name: "Node language host",
    wanted: source.program,
    async look() {
      const found = await findLanguageHost(context);
      if (!found)
        return {
          there: false,
          found: "nothing",
          plan: "an official CLI brings it, else a build of plugins/language-nodejs",
        };
      return { there: true, found: found.from, where: found.path };
    },
    async get(step) {
      const program = builtProgram(context, source) ?? (await build(context, source, step));
      installPlugin(program, pluginFolder(context), keyOfSource(context, source));
      return "built from plugins/language-nodejs";
    },
  };
}

export async function findLanguageHost(context: Context): Promise<{ path: string; from: string } | undefined> {
  if (context.official) {
    const pulumi = await findPulumi(context);
    const beside = pulumi && join(dirname(pulumi.path), source.program);
    if (beside && isExecutable(beside)) return { path: beside, from: "the CLI's" };
    const onPath = whichProgram(source.program);
    if (onPath) return { path: onPath, from: "on PATH" };
  }
  const folder = pluginFolder(context);
  if (builtFrom(folder) !== keyOfSource(context, source)) return undefined;
  return { path: join(folder, source.program), from: "built" };
}

/** As a plugin of PULUMI_HOME: of a language host on PATH, beside no CLI, Pulumi warns in every run. */
function pluginFolder({ pulumiHome, toolchain }: Context): string {
  return join(pulumiHome, "plugins", `language-nodejs-v${toolchain.pulumi.version}`);
}
