import { mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { isAtLeast, versionIn } from "../../model/version.ts";
import { askProgram } from "../../process/run-program.ts";
import { build, builtProgram, isExecutable, type Source } from "../build.ts";
import type { Context } from "../context.ts";
import type { Part } from "../part.ts";
import type { Step } from "../progress.ts";
import { checksumIn, download, fetchText, hostOf, type Probe, pinnedChecksum } from "../release.ts";
import { runLong, whichProgram } from "../run.ts";
import { SetupError } from "../setup-error.ts";

const source: Source = { folder: "cli", program: "pulumi" };

/** The Pulumi CLI: set-up uses the one on PATH, installs the official release, or builds one. */
export function pulumiPart(context: Context, releases: () => Promise<Probe>): Part {
  const { minimum } = context.toolchain.pulumi;
  return {
    name: "Pulumi CLI",
    wanted: `>= ${minimum.replace(/\.\d+$/, "")}`,
    async inspect() {
      const found = await findPulumi(context);
      const plan = "set-up installs the official release, or builds plugins/cli";
      if (!found) return { isPresent: false, found: context.official ? await versionOnPath() : "nothing", plan };
      return { isPresent: true, found: found.version, where: found.path };
    },
    async install(step) {
      const refused: string[] = [];
      if (context.official) {
        step.doing("checking the release sites");
        const probe = await releases();
        refused.push(...probe.refused);
        for (const address of probe.reachable) {
          try {
            return await installOfficial(context, address, step);
          } catch (error) {
            if (!(error instanceof SetupError)) throw error;
            refused.push(error.message);
          }
        }
      }
      for (const reason of refused) step.doing(`no official release: ${reason}`);
      await build(context, source, step);
      return "built from plugins/cli";
    },
  };
}

/** The `pulumi` to use. The folder of one that is not on PATH yet must be put there. */
export async function findPulumi(
  context: Context,
): Promise<{ path: string; version: string; onPath: boolean } | undefined> {
  const { version, minimum } = context.toolchain.pulumi;
  if (context.official) {
    const path = whichProgram("pulumi");
    const found = path ? await versionOf(path) : undefined;
    if (path && found && isSupported(found, minimum)) return { path, version: found, onPath: true };
    const official = join(officialFolder(context), "pulumi");
    if (isExecutable(official)) return { path: official, version, onPath: false };
  }
  const built = builtProgram(context, source);
  return built ? { path: built, version, onPath: false } : undefined;
}

// The next major version may be incompatible.
function isSupported(found: string, minimum: string): boolean {
  return isAtLeast(found, minimum) && versionIn(found)?.[0] === versionIn(minimum)?.[0];
}

async function versionOnPath(): Promise<string> {
  const path = whichProgram("pulumi");
  if (!path) return "nothing";
  return (await versionOf(path)) ?? "unknown version";
}

async function versionOf(path: string): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { ok, stdout } = await askProgram(path, ["version"], { env });
  return ok ? versionIn(stdout)?.join(".") : undefined;
}

function officialFolder({ cache, toolchain, architecture }: Context): string {
  return join(cache, `pulumi-${toolchain.pulumi.version}-${architecture}`);
}

async function installOfficial(context: Context, address: string, step: Step): Promise<string> {
  const { cache, architecture, toolchain } = context;
  const { version } = toolchain.pulumi;
  const name = basename(new URL(address).pathname);
  // The checksum comes first, since a download without one could not be verified.
  const pinned = toolchain.pulumi.sha256[architecture];
  const wanted = pinned ?? (await fetchChecksum(context, name));
  if (!wanted) {
    throw new SetupError(
      `${name} from ${hostOf(address)} cannot be verified: the publisher's checksums are unavailable`,
    );
  }
  const stage = join(cache, "tmp", "pulumi-release");
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  try {
    const archive = join(stage, "archive.tar.gz");
    const sum = await download(address, archive, step);
    const basis = pinned ? pinnedChecksum : "the publisher's checksum file";
    if (sum !== wanted.toLowerCase()) {
      throw new SetupError(
        `${name} from ${hostOf(address)} was rejected: its sha256 is ${sum}, expected ${wanted} from ${basis}`,
      );
    }
    step.doing("unpacking");
    await runLong("tar", ["-xzf", archive, "-C", stage, "--no-same-owner"], {
      failure: `unpacking ${name} failed`,
      log: join(cache, "log", "pulumi-release.log"),
      childRecord: join(cache, "child"),
      isInterruptible: true,
    });
    if ((await versionOf(join(stage, "pulumi", "pulumi"))) !== version) {
      throw new SetupError(`${name} was rejected: its pulumi does not run on this host as version ${version}`);
    }
    rmSync(officialFolder(context), { recursive: true, force: true });
    renameSync(join(stage, "pulumi"), officialFolder(context));
    return `official release from ${hostOf(address)}, verified against ${basis}`;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

async function fetchChecksum(context: Context, name: string): Promise<string | undefined> {
  const { version, checksums } = context.toolchain.pulumi;
  return checksumIn((await fetchText(checksums.replaceAll("{version}", version))) ?? "", name);
}

/** The addresses of the official release. */
export function releaseAddresses({ toolchain, architecture }: Context): string[] {
  const { version, archives } = toolchain.pulumi;
  return archives.map((archive) => archive.replaceAll("{version}", version).replaceAll("{arch}", architecture));
}
