import { stackCommand } from "./stack-command.ts";

/** A command for a stack that accepts some options of `pulumi` directly, and all others after `--`. */
export const pulumiCommand = (name: string) =>
  stackCommand(name)
    .option("--diff", "show every property that changes")
    .option("--debug", "print debug logs")
    .option("--expect-no-changes", "fail if anything would change")
    .argument("[pulumi-options...]", "any other option of `pulumi`, after the stack and `--`")
    .addHelpText("after", `\nAny other option of pulumi: npm run ${name} -- dev -- --target URN`);

type Options = Partial<ReturnType<ReturnType<typeof pulumiCommand>["opts"]>>;

/** The options for `pulumi`, from a command's options and what followed `--`. */
export const pulumiWords = (rest: readonly string[], { diff, debug, expectNoChanges }: Options): string[] => [
  ...(diff ? ["--diff"] : []),
  ...(debug ? ["--debug"] : []),
  ...(expectNoChanges ? ["--expect-no-changes"] : []),
  ...rest,
];
