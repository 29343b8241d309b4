import { runPulumi } from "../../state/run-pulumi.ts";
import { pulumiWords, withPulumiOptions } from "../pulumi-options.ts";
import { exitWith, stackCommand } from "../stack-command.ts";

export default withPulumiOptions(stackCommand("preview"))
  .summary("show what up would change")
  .description("show what `up` would change; checks the host and the box, and changes nothing")
  .option("--json", "print Pulumi's plan as JSON")
  .action(exitWith(preview));

function preview(stack: string, rest: string[], options: { readonly json?: boolean }): Promise<number> {
  const form = options.json ? ["--json"] : process.stdout.isTTY ? [] : ["--suppress-progress"];
  const words = ["preview", "--refresh", "--stack", stack, ...form, ...pulumiWords(rest, { ...options })];
  return runPulumi(words, { onlyChanges: !options.json });
}
