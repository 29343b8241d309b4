import { existsSync } from "node:fs";
import { join } from "node:path";
import { isExecutable, type Source, sourceKey } from "../build.ts";
import { environmentWithoutSocks } from "../child-environment.ts";
import type { Context, ProviderName } from "../context.ts";
import { builtFrom, installBuilt } from "../install-plugin.ts";
import type { Part } from "../part.ts";
import { type Probe, pinnedChecksum } from "../release.ts";
import { runLong } from "../run.ts";
import { SetupError } from "../setup-error.ts";
import { findPulumi } from "./pulumi.ts";

const titles: Readonly<Record<ProviderName, string>> = { docker: "Docker", command: "Command" };

/** A Pulumi provider in PULUMI_HOME: set-up uses the installed one, installs the official one, or builds one. */
export function providerPart(context: Context, name: ProviderName, releases: () => Promise<Probe>): Part {
  const { version, sha256 } = context.toolchain.plugins[name];
  const source: Source = { folder: name, program: `pulumi-resource-${name}` };
  const folder = providerFolder(context, name);
  return {
    name: `${titles[name]} provider`,
    wanted: version,
    async inspect() {
      const plan = `set-up installs the official release, or builds plugins/${name}`;
      if (!isExecutable(join(folder, source.program)) || existsSync(`${folder}.partial`)) {
        return { isPresent: false, found: "nothing", plan };
      }
      const key = builtFrom(folder);
      if (key === undefined) return { isPresent: true, found: version, where: folder };
      // Another clone may have built it from an older plugins/<name>, if PULUMI_HOME is the user's.
      if (key !== sourceKey(context, source))
        return { isPresent: false, found: `${version}, built from other sources`, plan };
      return { isPresent: true, found: `${version}, built`, where: folder };
    },
    async install(step) {
      const pulumi = await findPulumi(context);
      if (context.official && pulumi) {
        step.doing("checking the release sites");
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
                ...(await environmentWithoutSocks()),
                PULUMI_HOME: context.pulumiHome,
                PULUMI_SKIP_UPDATE_CHECK: "true",
              },
              seconds: 600,
              childRecord: join(context.cache, "child"),
              isInterruptible: true,
            });
            return `official release, installed with pulumi plugin install${pin ? `, verified against ${pinnedChecksum}` : ""}`;
          } catch (error) {
            if (!(error instanceof SetupError)) throw error;
            step.doing(`no official release: ${error.message}`);
          }
        }
      }
      return installBuilt(context, source, folder, step);
    },
  };
}

export function providerFolder({ pulumiHome, toolchain }: Context, name: ProviderName): string {
  return join(pulumiHome, "plugins", `resource-${name}-v${toolchain.plugins[name].version}`);
}
