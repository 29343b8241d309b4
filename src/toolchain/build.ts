import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statfsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isAtLeast } from "../model/version.ts";
import { askProgram } from "../process/run-program.ts";
import { environmentWithoutSocks } from "./child-environment.ts";
import { contentKey } from "./content-key.ts";
import type { Context } from "./context.ts";
import type { Step } from "./progress.ts";
import { runLong } from "./run.ts";
import { SetupError } from "./setup-error.ts";

/** A program that is built from a folder of `plugins/`. */
export interface Source {
  /** Name of the folder in `plugins/`. */
  readonly folder: string;
  readonly program: string;
}

/** Bytes that the Go modules and object files of all four programs take. */
const neededBytes = 3e9;

/** The path of the program in the cache; undefined if it was not built from the current sources yet. */
export function builtProgram(context: Context, source: Source): string | undefined {
  const program = join(folderOf(context, source, sourceKey(context, source)), source.program);
  return isExecutable(program) ? program : undefined;
}

/** A hash of the sources of a program. */
export function sourceKey(context: Context, source: Source): string {
  try {
    return contentKey(join(context.checkout, "plugins", source.folder), context.architecture);
  } catch {
    return "absent";
  }
}

/** Builds in a temporary folder and renames it, so that the cache only contains complete programs. */
export async function build(context: Context, source: Source, step: Step): Promise<string> {
  const from = join(context.checkout, "plugins", source.folder);
  const script = join(from, "build");
  if (!existsSync(script))
    throw new SetupError(`${script} does not exist\n  Fix: check that the clone is complete: git status`);
  await requireGo(context);
  requireSpace(context);
  const key = sourceKey(context, source);
  const stage = join(context.cache, "tmp", source.folder);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  step.doing(`building ${source.program} from plugins/${source.folder} with Go (the first time takes minutes)`);
  await runLong(script, [stage], {
    failure: `building ${source.program} from plugins/${source.folder} failed`,
    log: join(context.cache, "log", `build-${source.folder}.log`),
    childRecord: join(context.cache, "child"),
    isInterruptible: true,
    environment: await environmentWithoutSocks(),
  });
  if (!isExecutable(join(stage, source.program))) {
    throw new SetupError(`plugins/${source.folder}/build exited with code 0, but created no program ${source.program}`);
  }
  if (sourceKey(context, source) !== key) {
    rmSync(stage, { recursive: true, force: true });
    throw new SetupError(`plugins/${source.folder} changed during the build\n  Fix: run this command again`);
  }
  const target = folderOf(context, source, key);
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(stage, target);
  return join(target, source.program);
}

async function requireGo(context: Context): Promise<void> {
  const minimum = context.toolchain.go.minimum;
  // Outside any module, since go would switch to the version that a module asks for.
  const { ok, stdout } = await askProgram("go", ["version"], { cwd: context.cache });
  if (ok && isAtLeast(stdout, minimum)) return;
  const found = ok ? (/go(\d\S*)/.exec(stdout)?.[1] ?? "an unknown version") : "none";
  throw new SetupError(
    `no official release is available, and building requires Go >= ${minimum}: found ${found} on PATH\n` +
      "  Fix: install Go from https://go.dev/dl, add its bin folder to PATH, and run this command again",
  );
}

function requireSpace(context: Context): void {
  const goCache = process.env.GOCACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "go-build");
  for (const folder of new Set([context.cache, goCache])) {
    if (!existsSync(folder)) continue;
    const { bavail, bsize } = statfsSync(folder);
    const problem = spaceProblem(bavail * bsize, folder);
    if (problem) throw new SetupError(problem);
  }
}

/** The error for a disk with too little free space; undefined if a build fits. */
export function spaceProblem(free: number, folder: string): string | undefined {
  if (free >= neededBytes) return undefined;
  return (
    `building needs about ${neededBytes / 1e9} GB, but the disk of ${folder} has ${(free / 1e9).toFixed(1)} GB free\n` +
    "  Fix: free some space, or set BENCHBOX_CACHE (and GOCACHE) to folders on another disk"
  );
}

function folderOf(context: Context, source: Source, key: string): string {
  return join(context.cache, "built", `${source.folder}-${key}`);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
