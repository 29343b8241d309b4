import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statfsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isAtLeast } from "../model/version.ts";
import { withoutSocks } from "./child-environment.ts";
import { contentKey } from "./content-key.ts";
import type { Context } from "./context.ts";
import type { Step } from "./progress.ts";
import { ask, runLong } from "./run.ts";
import { Problem } from "./setup-error.ts";

/** A program that a folder of `plugins/` builds. */
export interface Source {
  /** The folder: `plugins/<folder>`. */
  readonly folder: string;
  readonly program: string;
}

/** Bytes that the Go modules and objects of all four take. */
const neededBytes = 3e9;

/** Where the program stands, built from the present content: nothing when it was not built yet. */
export function builtProgram(context: Context, source: Source): string | undefined {
  const program = join(folderOf(context, source, keyOfSource(context, source)), source.program);
  return isExecutable(program) ? program : undefined;
}

/** Names the content that a program is built from. */
export function keyOfSource(context: Context, source: Source): string {
  try {
    return contentKey(join(context.checkout, "plugins", source.folder), context.architecture);
  } catch {
    return "absent";
  }
}

/** Builds into a folder beside the final one, then renames: a program in the cache is whole. */
export async function build(context: Context, source: Source, step: Step): Promise<string> {
  const from = join(context.checkout, "plugins", source.folder);
  const script = join(from, "build");
  if (!existsSync(script))
    throw new Problem(`Looked for ${script}: it is not there. Is the checkout whole? See \`git status\`.`);
  await needGo(context);
  needSpace(context);
  const key = keyOfSource(context, source);
  const stage = join(context.cache, "tmp", source.folder);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  step.doing(`building ${source.program} from plugins/${source.folder} with Go; minutes, the first time`);
  await runLong(script, [stage], {
    failure: `Building ${source.program} from plugins/${source.folder} failed`,
    log: join(context.cache, "log", `build-${source.folder}.log`),
    childRecord: join(context.cache, "child"),
    mayBeEnded: true,
    environment: await withoutSocks(),
  });
  if (!isExecutable(join(stage, source.program))) {
    throw new Problem(`plugins/${source.folder}/build ended well and left no program ${source.program}.`);
  }
  if (keyOfSource(context, source) !== key) {
    rmSync(stage, { recursive: true, force: true });
    throw new Problem(`plugins/${source.folder} changed while it was built. Run this again.`);
  }
  const target = folderOf(context, source, key);
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(stage, target);
  return join(target, source.program);
}

async function needGo(context: Context): Promise<void> {
  const minimum = context.toolchain.go.minimum;
  // Asked outside any module: go would follow a module's own wish for another version.
  const answer = await ask("go", ["version"], { cwd: context.cache });
  if (answer.code === 0 && isAtLeast(answer.stdout, minimum)) return;
  const found = answer.code === 0 ? (/go(\d\S*)/.exec(answer.stdout)?.[1] ?? "a go of unknown version") : "no go";
  throw new Problem(
    `No official release is to be had, so this has to be built. Building needs Go >= ${minimum}. Looked for go on PATH: found ${found}. ` +
      "Get it from https://go.dev/dl, put its bin folder on PATH and run this again.",
  );
}

function needSpace(context: Context): void {
  const goCache = process.env.GOCACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "go-build");
  for (const folder of new Set([context.cache, goCache])) {
    if (!existsSync(folder)) continue;
    const { bavail, bsize } = statfsSync(folder);
    const problem = spaceProblem(bavail * bsize, folder);
    if (problem) throw new Problem(problem);
  }
}

/** What is wrong with so many free bytes; nothing when they are enough. */
export function spaceProblem(free: number, folder: string): string | undefined {
  if (free >= neededBytes) return undefined;
  return (
    `Building needs about ${neededBytes / 1e9} GB, and the disk of ${folder} has ${(free / 1e9).toFixed(1)} GB free. ` +
    "Free some, or set BENCHBOX_CACHE (and GOCACHE) to folders on another disk."
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
