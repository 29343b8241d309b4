import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { contentKey } from "../../src/toolchain/content-key.ts";
import { debianTool, makeOnce, testTools } from "./debian-tool.ts";

/** The Docker Engines that the tests run on, oldest first: from a Debian suite, or built by `tests/engine-29`. */
export const engines = {
  "20.10": { suite: "bookworm" },
  "26.1": { suite: "trixie" },
  "28.5": { suite: "sid" },
  "29": { suite: "trixie", source: join(import.meta.dirname, "../engine-29") },
} as const satisfies Readonly<Record<string, { suite: string; source?: string }>>;

export type EngineName = keyof typeof engines;

/** The files of a Docker Engine. */
export interface EngineFiles {
  /** A minimal Debian with a Docker Engine, its client and an SSH server. */
  readonly root: string;
  /** Folder with programs that override those of the Debian. */
  readonly programs: string | undefined;
}

/** The version that tests start, from BENCHBOX_TEST_ENGINE. @default the newest */
export const engineUnderTest = engineNamed(process.env.BENCHBOX_TEST_ENGINE ?? "29");

export function engineNamed(name: string): EngineName {
  if (name in engines) return name as EngineName;
  throw new Error(`no Docker Engine ${name} for tests (versions: ${Object.keys(engines).join(", ")})`);
}

/** Whether the Docker Engine under test has at least a version. @example isEngineAtLeast("28.5") */
export function isEngineAtLeast(name: EngineName): boolean {
  return Number(engineUnderTest) >= Number(name); // not by position: `29` is an integer key, which comes first in an object
}

/** Whether the Docker Engine under test supports CDI, and whether `docker info` lists its devices. */
export const hasCdi = isEngineAtLeast("26.1");
export const listsCdi = isEngineAtLeast("28.5");

/** Whether the Docker Engine under test supports containerd's image store, and whether that is its default. */
export const containerdStore = { isSupported: isEngineAtLeast("26.1"), isDefault: isEngineAtLeast("29") };

/** Whether to run only the tests that depend on the Docker Engine's version, since the others ran on another one. */
export const isBrief = process.env.BENCHBOX_TEST_BRIEF === "yes";

/** The reason why no Docker Engine can be started here, for a test's `skip`. */
export function engineLacks(): string | false {
  if (process.getuid?.() !== 0) return "starting a Docker Engine for tests requires root";
  return !existsSync("/usr/sbin/debootstrap") && "creating a Docker Engine for tests requires debootstrap";
}

/**
 * Creates a Docker Engine's files, which later calls reuse while their inputs stay the same. Takes half a minute for Debian's, five for
 * built ones.
 */
export async function engineFiles(name: EngineName): Promise<EngineFiles> {
  const engine = engines[name];
  mkdirSync(testTools, { recursive: true });
  return {
    root: debianWithEngine(engine.suite),
    programs: "source" in engine ? await builtEngine(engine.source) : undefined,
  };
}

function debianWithEngine(suite: string): string {
  const packages = ["docker.io", "openssh-server", "ca-certificates", ...(suite === "bookworm" ? [] : ["docker-cli"])];
  const root = join(testTools, `${suite}-engine`);
  if (existsSync(root)) return root;
  return makeOnce(root, (folder) => {
    const keyring = "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg";
    const words = ["--variant=minbase", `--include=${packages.join(",")}`, keyring, suite, folder];
    execFileSync("/usr/sbin/debootstrap", words, { stdio: ["ignore", "ignore", "pipe"] });
    rmSync(join(folder, "var/cache/apt/archives"), { recursive: true, force: true });
  });
}

async function builtEngine(source: string): Promise<string> {
  const programs = join(testTools, `engine-29-${contentKey(source, process.arch)}`);
  if (existsSync(programs)) return programs;
  const libseccomp = await debianTool(["libseccomp-dev"]);
  return makeOnce(programs, (folder) => {
    execFileSync(join(source, "build"), [folder, libseccomp], { stdio: ["ignore", "ignore", "pipe"] });
  });
}

// `engines.ts NAME`: prints the paths of a Docker Engine's files, one per line.
if (import.meta.main) {
  const { root, programs = "" } = await engineFiles(engineNamed(process.argv[2] ?? engineUnderTest));
  console.log(`${root}\n${programs}`);
}
