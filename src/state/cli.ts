import { realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { askProgram, type ProgramResult, runProgram } from "../process/run-program.ts";
import { backendEnvironment } from "./backend.ts";
import { changedLines } from "./changed-lines.ts";
import { readCliWords } from "./cli-words.ts";
import { projectFolder } from "./project.ts";

/** Runs the Pulumi CLI in a folder. @returns its exit code */
export type RunCli = (words: readonly string[], folder: string) => Promise<number>;

/** Runs the real Pulumi CLI, which set-up found or built, in this terminal. */
export const runCli: RunCli = (words, folder) =>
  runProgram("pulumi", words, { cwd: folder, env: cliEnvironment(words), rewrite: undefined });

/** The same for piped output: leaves out the lines about unchanged resources. */
export const runCliForChanges: RunCli = (words, folder) =>
  runProgram("pulumi", words, { cwd: folder, env: cliEnvironment(words), rewrite: changedLines });

/** Runs the real Pulumi CLI and captures its output. Never throws. The time limit is 300 seconds. */
export const askCli = (
  words: readonly string[],
  { folder = projectFolder, stdin }: { readonly folder?: string; readonly stdin?: string } = {},
): Promise<ProgramResult> =>
  askProgram("pulumi", words, { cwd: folder, env: cliEnvironment(words), stdin, seconds: 300 });

/** The environment of the Pulumi CLI, which the program and the providers inherit. */
function cliEnvironment(words: readonly string[]): NodeJS.ProcessEnv {
  const preload = pathToFileURL(join(projectFolder, "src/program/preload/main.ts")).href;
  // A small young generation saves 25 MB and does not slow down a program that runs for two seconds.
  const nodeOptions = `--max-semi-space-size=4 --import=${preload}`;
  return {
    ...process.env,
    ...backendEnvironment(),
    PATH: withoutOwnFolders(process.env.PATH ?? ""),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The clone's commit and remote are not part of the image, and asking git for them takes longer than everything else.
    BUILDX_GIT_INFO: "false",
    // Providers that run for seconds need little garbage collection: a preview takes 5 % less time and 30 MB more.
    GOGC: process.env.GOGC || "400",
    NODE_OPTIONS: [process.env.NODE_OPTIONS, nodeOptions].filter(Boolean).join(" "),
    ...(readCliWords(words).isDebug && { BENCHBOX_DEBUG: "1" }),
    // The CLI accepts --event-log only with this variable, as the Automation API sets it.
    ...(words.includes("--event-log") && { PULUMI_DEBUG_COMMANDS: "true" }),
  };
}

/** A PATH without the folders that contain this wrapper, `pulumi`, however often and in whatever spelling PATH lists them. */
function withoutOwnFolders(path: string): string {
  const own = [join(projectFolder, "bin"), join(projectFolder, "scripts/host")];
  return path
    .split(delimiter)
    .filter((folder) => !own.includes(realpathOf(folder)))
    .join(delimiter);
}

function realpathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder; // does not exist
  }
}
