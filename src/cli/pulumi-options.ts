import type { Command } from "commander";

/** Options of `pulumi` that its commands for people know by name; all others follow `--`. */
const known = [
  ["--diff", "show every property that changes"],
  ["--debug", "log all that the programs do"],
  ["--expect-no-changes", "fail when there is a change"],
] as const;

/** Adds them, and whatever follows `--`. */
export function withPulumiOptions(command: Command): Command {
  for (const [flags, description] of known) command.option(flags, description);
  return command
    .argument("[pulumi-options...]", "behind the stack and `--`: any other option of `pulumi`")
    .addHelpText("after", `\nAny other option of pulumi: npm run ${command.name()} -- dev -- --target URN`);
}

/** The words for `pulumi`. */
export const pulumiWords = (rest: readonly string[], options: Readonly<Record<string, unknown>>): string[] => [
  ...known.map(([flags]) => flags).filter((flags) => options[camelCase(flags)] === true),
  ...rest,
];

const camelCase = (flags: string): string =>
  flags.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
