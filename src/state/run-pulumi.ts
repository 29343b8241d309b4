import { join } from "node:path";
import { UserError } from "../model/user-error.ts";
import { askProgram, runProgram } from "../process/run-program.ts";
import { projectFolder } from "./project.ts";

const wrapper = join(projectFolder, "bin/pulumi");

export interface RunOptions {
  /** Into a pipe, leave out the lines of resources that do not change. @default false */
  readonly onlyChanges?: boolean;
}

/** Runs the Pulumi CLI on this terminal, with this clone's state. @returns its exit code */
export const runPulumi = (words: readonly string[], _options: RunOptions = {}): Promise<number> =>
  runProgram(wrapper, words, { cwd: projectFolder });

/**
 * What the Pulumi CLI prints.
 *
 * @throws UserError with what it says when it fails
 */
export async function askPulumi(words: readonly string[]): Promise<string> {
  const { ok, stdout, stderr } = await askProgram(wrapper, words, { seconds: 60 });
  if (!ok) throw new UserError(stderr);
  return stdout;
}

/** The outputs of a stack; empty before its first `up`. */
export const stackOutputs = async (stack: string): Promise<Record<string, unknown>> =>
  JSON.parse(await askPulumi(["stack", "output", "--stack", stack, "--json"]));
