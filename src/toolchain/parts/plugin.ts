import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, builtProgram, isExecutable, keyOfSource, type Source } from "../build.ts";
import { withoutSocks } from "../child-environment.ts";
import type { Context, PluginName } from "../context.ts";
import { builtFrom, installPlugin } from "../install-plugin.ts";
import type { Part } from "../part.ts";
import type { Probe } from "../release.ts";
import { runLong } from "../run.ts";
import { Problem } from "../setup-error.ts";
import { findPulumi } from "./pulumi.ts";

/** A resource plugin in PULUMI_HOME: the one that is there, else the official one, else built. */
export function pluginPart(context: Context, name: PluginName, releases: () => Promise<Probe>): Part {
  const { version, sha256 } = context.toolchain.plugins[name];
  const source: Source = { folder: name, program: `pulumi-resource-${name}` };
  const folder = pluginFolder(context, name);
  return {
    name: `${name} plugin`,
    wanted: version,
    async look() {
      const plan = `an official release, else a build of plugins/${name}, would give it`;
      if (!isExecutable(join(folder, source.program)) || existsSync(`${folder}.partial`)) {
        return { there: false, found: "nothing", plan };
      }
      const key = builtFrom(folder);
      if (key === undefined) return { there: true, found: version, where: folder };
      // Built from what plugins/<name> was once: an older checkout's, when PULUMI_HOME is the user's.
      if (key !== keyOfSource(context, source)) return { there: false, found: `${version}, of other sources`, plan };
      return { there: true, found: `${version}, built`, where: folder };
    },
    async get(step) {
      const pulumi = await findPulumi(context);
      if (context.official && pulumi) {
        step.doing("asking the release site");
        const probe = await releases();
        if (probe.reachable.length > 0) {
          step.doing("installing the official release");
          const pin = sha256[context.architecture];
          const args = ["plugin", "install", "resource", name, version, ...(pin ? ["--checksum", pin] : [])];
          try {
            await runLong(pulumi.path, args, {
              failure: `\`pulumi plugin install resource ${name} ${version}\` failed`,
              log: join(context.cache, "log", `install-${name}.log`),
              environment: {
                ...(await withoutSocks()),
                PULUMI_HOME: context.pulumiHome,
                PULUMI_SKIP_UPDATE_CHECK: "true",
              },
              seconds: 600,
              childRecord: join(context.cache, "child"),
              mayBeEnded: true,
            });
            return `official release, by pulumi plugin install${pin ? ", verified by the checksum pinned in toolchain.json" : ""}`;
          } catch (error) {
            if (!(error instanceof Problem)) throw error;
            step.doing(`no official release: ${error.message}`);
          }
        }
      }
      const program = builtProgram(context, source) ?? (await build(context, source, step));
      installPlugin(program, folder, keyOfSource(context, source));
      return `built from plugins/${name}`;
    },
  };
}

export function pluginFolder({ pulumiHome, toolchain }: Context, name: PluginName): string {
  return join(pulumiHome, "plugins", `resource-${name}-v${toolchain.plugins[name].version}`);
}
