import { runPulumi } from "../../state/run-pulumi.ts";
import { pulumiCommand, pulumiWords } from "../pulumi-options.ts";
import { exitWith } from "../stack-command.ts";

export default pulumiCommand("preview")
  .summary("show what up would change")
  .description("show what `up` would change; checks the host and the box, and changes nothing")
  .option("--json", "print Pulumi's plan as JSON")
  .action(
    exitWith((stack, rest, options) => {
      const form = options.json ? ["--json"] : process.stdout.isTTY ? [] : ["--suppress-progress"];
      const words = ["preview", "--refresh", "--stack", stack, ...form, ...pulumiWords(rest, options)];
      return runPulumi(words, { onlyChanges: !options.json });
    }),
  );
