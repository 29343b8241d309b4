import type { Command } from "commander";

/** Options of `pulumi` that our commands accept directly; all others follow `--`. */
const known = [
  ["--diff", "show every property that changes"],
  ["--debug", "print debug logs"],
  ["--expect-no-changes", "fail if anything would change"],
] as const;

/** Adds these options to a command, and an argument for what follows `--`. */
export function withPulumiOptions(command: Command): Command {
  for (const [flags, description] of known) command.option(flags, description);
  return command
    .argument("[pulumi-options...]", "any other option of `pulumi`, after the stack and `--`")
    .addHelpText("after", `\nAny other option of pulumi: npm run ${command.name()} -- dev -- --target URN`);
}

/** The options for `pulumi`, from a command's options and what followed `--`. */
export const pulumiWords = (rest: readonly string[], options: Readonly<Record<string, unknown>>): string[] => [
  ...known.map(([flags]) => flags).filter((flags) => options[camelCase(flags)] === true),
  ...rest,
];

const camelCase = (flags: string): string =>
  flags.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
