import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { contentKey } from "../../src/toolchain/content-key.ts";
import { debianTool, makeOnce, testTools } from "./debian-tool.ts";

/** The Docker Engines that the tests run on, oldest first: what a Debian suite has, or what `tests/engine-29` builds. */
export const engines = {
  "20.10": { suite: "bookworm" },
  "26.1": { suite: "trixie" },
  "28.5": { suite: "sid" },
  "29": { suite: "trixie", source: join(import.meta.dirname, "../engine-29") },
} as const satisfies Readonly<Record<string, { suite: string; source?: string }>>;

export type EngineName = keyof typeof engines;

/** What an engine runs on. */
export interface EngineFiles {
  /** A minimal Debian with a Docker Engine, its client and an SSH server. */
  readonly root: string;
  /** Folder with the programs that are used instead of the Debian's. */
  readonly programs: string | undefined;
}

/** The engine that tests start, by BENCHBOX_TEST_ENGINE. @default the newest */
export const engineUnderTest = engineNamed(process.env.BENCHBOX_TEST_ENGINE ?? "29");

export function engineNamed(name: string): EngineName {
  if (name in engines) return name as EngineName;
  throw new Error(`there is no engine ${name} for tests; there are: ${Object.keys(engines).join(", ")}`);
}

/** Compares with the engine under test: `isEngineAtLeast("28.5")`. */
export function isEngineAtLeast(name: EngineName): boolean {
  return Number(engineUnderTest) >= Number(name); // not by their order: `29` is an integer, and comes first in an object
}

/** Whether the engine under test has CDI, and whether `docker info` lists its devices. */
export const hasCdi = isEngineAtLeast("26.1");
export const listsCdi = isEngineAtLeast("28.5");

/** Whether the engine under test can keep images in containerd's store, and whether it does unless it is told otherwise. */
export const containerdStore = { isThere: isEngineAtLeast("26.1"), isDefault: isEngineAtLeast("29") };

/** Whether only that is tested which the engine has a part in, since the rest was on another one. */
export const isBrief = process.env.BENCHBOX_TEST_BRIEF === "yes";

/** Why an engine cannot be started here; for a test's `skip`. */
export function engineLacks(): string | false {
  if (process.getuid?.() !== 0) return "starting an engine for tests needs root";
  return !existsSync("/usr/sbin/debootstrap") && "an engine for tests is made with debootstrap, which is not installed";
}

/** Makes an engine's files once, by content: later calls find them. Debian's take half a minute, those that are built five. */
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

// `engines.ts NAME`: prints where the engine's files are, a line each.
if (import.meta.main) {
  const { root, programs = "" } = await engineFiles(engineNamed(process.argv[2] ?? engineUnderTest));
  console.log(`${root}\n${programs}`);
}
