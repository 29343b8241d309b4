import { UserError } from "../model/user-error.ts";
import { askCli, runCli, runCliForChanges } from "./cli.ts";
import { projectFolder } from "./project.ts";
import { pulumi } from "./pulumi.ts";

export interface RunPulumiOptions {
  /** Leaves out the lines about unchanged resources, unless the output is a terminal. @default false */
  readonly onlyChanges?: boolean;
  /** See `pulumi`. */
  readonly confirm?: (() => Promise<void>) | undefined;
}

/** Runs the Pulumi CLI in this terminal, as `bin/pulumi` does. @returns its exit code */
export const runPulumi = (
  words: readonly string[],
  { onlyChanges = false, confirm }: RunPulumiOptions = {},
): Promise<number> =>
  pulumi(words, {
    folder: projectFolder,
    run: onlyChanges && !process.stdout.isTTY ? runCliForChanges : runCli,
    confirm,
  });

/**
 * The output of the Pulumi CLI.
 *
 * @throws UserError with its error message when it fails
 */
export async function askPulumi(words: readonly string[]): Promise<string> {
  let printed = "";
  await pulumi(words, {
    folder: projectFolder,
    run: async (given, folder) => {
      const { ok, stdout, stderr } = await askCli(given, { folder });
      if (!ok) throw new UserError(stderr);
      printed = stdout;
      return 0;
    },
  });
  return printed;
}

/** The outputs of a stack; empty before its first `up`. */
export const stackOutputs = async (stack: string): Promise<Record<string, unknown>> =>
  JSON.parse(await askPulumi(["stack", "output", "--stack", stack, "--json"]));
