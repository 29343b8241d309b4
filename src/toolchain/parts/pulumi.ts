import { mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { isAtLeast, versionIn } from "../../model/version.ts";
import { build, builtProgram, isExecutable, type Source } from "../build.ts";
import type { Context } from "../context.ts";
import type { Part } from "../part.ts";
import type { Step } from "../progress.ts";
import { checksumIn, download, fetchText, hostOf, type Probe } from "../release.ts";
import { ask, runLong, whichProgram } from "../run.ts";
import { Problem } from "../setup-error.ts";

const source: Source = { folder: "cli", program: "pulumi" };

/** The Pulumi CLI: the user's, else the official release, else built. */
export function pulumiPart(context: Context, releases: () => Promise<Probe>): Part {
  const { minimum } = context.toolchain.pulumi;
  return {
    name: "Pulumi CLI",
    wanted: `>= ${minimum.replace(/\.\d+$/, "")}`,
    async look() {
      const found = await findPulumi(context);
      const plan = "an official release, else a build of plugins/cli, would give it";
      if (!found) return { there: false, found: context.official ? await whatPathHas(minimum) : "nothing", plan };
      return { there: true, found: found.version, where: found.path };
    },
    async get(step) {
      const refused: string[] = [];
      if (context.official) {
        step.doing("asking the release site");
        const probe = await releases();
        refused.push(...probe.refused);
        for (const address of probe.reachable) {
          try {
            return await getOfficial(context, address, step);
          } catch (error) {
            if (!(error instanceof Problem)) throw error;
            refused.push(error.message);
          }
        }
      }
      for (const why of refused) step.doing(`no official release: ${why}`);
      await build(context, source, step);
      return "built from plugins/cli";
    },
  };
}

/** The `pulumi` to use: its folder goes on PATH. */
export async function findPulumi(
  context: Context,
): Promise<{ path: string; version: string; onPath: boolean } | undefined> {
  const { version, minimum } = context.toolchain.pulumi;
  if (context.official) {
    const path = whichProgram("pulumi");
    const found = path ? await versionOf(path) : undefined;
    if (path && found && fits(found, minimum)) return { path, version: found, onPath: true };
    const official = join(officialFolder(context), "pulumi");
    if (isExecutable(official)) return { path: official, version, onPath: false };
  }
  const built = builtProgram(context, source);
  return built ? { path: built, version, onPath: false } : undefined;
}

// The next major version may do everything otherwise.
function fits(found: string, minimum: string): boolean {
  return isAtLeast(found, minimum) && versionIn(found)?.[0] === versionIn(minimum)?.[0];
}

async function whatPathHas(minimum: string): Promise<string> {
  const path = whichProgram("pulumi");
  if (!path) return "nothing";
  return (await versionOf(path)) ?? `no ${minimum}`;
}

async function versionOf(path: string): Promise<string | undefined> {
  const environment = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const answer = await ask(path, ["version"], { environment });
  return answer.code === 0 ? versionIn(answer.stdout)?.join(".") : undefined;
}

function officialFolder({ cache, toolchain, architecture }: Context): string {
  return join(cache, `pulumi-${toolchain.pulumi.version}-${architecture}`);
}

async function getOfficial(context: Context, address: string, step: Step): Promise<string> {
  const { cache, architecture, toolchain } = context;
  const { version } = toolchain.pulumi;
  const name = basename(new URL(address).pathname);
  // First the sum: without one there is nothing to hold the download to.
  const pinned = toolchain.pulumi.sha256[architecture];
  const wanted = pinned ?? (await publishersChecksum(context, name));
  if (!wanted) {
    throw new Problem(
      `${hostOf(address)} answers, and the publisher's checksums cannot be had: nothing to verify it by`,
    );
  }
  const stage = join(cache, "tmp", "pulumi-release");
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const archive = join(stage, "archive.tar.gz");
  const sum = await download(address, archive, step);
  const whose = pinned ? "the checksum pinned in toolchain.json" : "the publisher's own checksum file";
  if (sum !== wanted.toLowerCase()) {
    rmSync(stage, { recursive: true, force: true });
    throw new Problem(`${name} from ${hostOf(address)} was refused: its sha256 is ${sum}, ${whose} says ${wanted}`);
  }
  step.doing("unpacking");
  await runLong("tar", ["-xzf", archive, "-C", stage, "--no-same-owner"], {
    failure: `Unpacking ${name} failed`,
    log: join(cache, "log", "pulumi-release.log"),
    childRecord: join(cache, "child"),
    mayBeEnded: true,
  });
  if ((await versionOf(join(stage, "pulumi", "pulumi"))) !== version) {
    rmSync(stage, { recursive: true, force: true });
    throw new Problem(`The pulumi in ${name} does not run here as version ${version}`);
  }
  rmSync(officialFolder(context), { recursive: true, force: true });
  renameSync(join(stage, "pulumi"), officialFolder(context));
  rmSync(stage, { recursive: true, force: true });
  return `official release from ${hostOf(address)}, verified by ${whose}`;
}

async function publishersChecksum(context: Context, name: string): Promise<string | undefined> {
  const { version, checksums } = context.toolchain.pulumi;
  return checksumIn((await fetchText(checksums.replaceAll("{version}", version))) ?? "", name);
}

/** Where the official release may be. */
export function releaseAddresses({ toolchain, architecture }: Context): string[] {
  const { version, archives } = toolchain.pulumi;
  return archives.map((archive) => archive.replaceAll("{version}", version).replaceAll("{arch}", architecture));
}
