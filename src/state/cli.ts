import { realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { askProgram, type ProgramResult, runProgram } from "../process/run-program.ts";
import { backendEnvironment } from "./backend.ts";
import { changedLines } from "./changed-lines.ts";
import { readCliWords } from "./cli-words.ts";
import { projectFolder } from "./project.ts";

/** Runs the Pulumi CLI with these words in a folder. @returns its exit code */
export type RunCli = (words: readonly string[], folder: string) => Promise<number>;

/** Runs the real Pulumi CLI, which set-up found or built, on this terminal. */
export const runCli: RunCli = (words, folder) =>
  runProgram("pulumi", words, { cwd: folder, env: cliEnvironment(words), rewrite: undefined });

/** The same for piped output: without the lines of resources that the CLI refreshes or leaves as they are. */
export const runCliForChanges: RunCli = (words, folder) =>
  runProgram("pulumi", words, { cwd: folder, env: cliEnvironment(words), rewrite: changedLines });

/** Asks the real Pulumi CLI. Never throws. */
export const askCli = (
  words: readonly string[],
  { folder = projectFolder, stdin }: { readonly folder?: string; readonly stdin?: string } = {},
): Promise<ProgramResult> =>
  askProgram("pulumi", words, { cwd: folder, env: cliEnvironment(words), stdin, seconds: 300 });

/** The environment of the Pulumi CLI, and so of the program and the providers that it starts. */
function cliEnvironment(words: readonly string[]): NodeJS.ProcessEnv {
  const preload = pathToFileURL(join(projectFolder, "src/program/preload/main.ts")).href;
  // A small young generation: 25 MB less, and no slower for a program that lives two seconds.
  const nodeOptions = `--max-semi-space-size=4 --import=${preload}`;
  return {
    ...process.env,
    ...backendEnvironment(),
    PATH: withoutOwnFolders(process.env.PATH ?? ""),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // An image is of its files: which commit and remote the clone has is none of it, and asking git takes longer than the rest.
    BUILDX_GIT_INFO: "false",
    // What lives for seconds need not collect its garbage: a twentieth off a preview, for 30 MB more.
    GOGC: process.env.GOGC || "400",
    NODE_OPTIONS: [process.env.NODE_OPTIONS, nodeOptions].filter(Boolean).join(" "),
    ...(readCliWords(words).isDebug && { BENCHBOX_DEBUG: "1" }),
  };
}

/** Without the folders where this wrapper itself is called `pulumi`, however often and in whatever spelling they are there. */
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
    return folder; // there is none
  }
}
