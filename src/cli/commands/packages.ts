import { UserError } from "../../model/user-error.ts";
import { runProgram } from "../../process/run-program.ts";
import { stackOutputs } from "../../state/run-pulumi.ts";
import { exitWith, stackCommand } from "../stack-command.ts";

export default stackCommand("packages")
  .summary("list the packages in the image")
  .description("print the packages in the stack's image with their versions, separated by tabs")
  .action(
    exitWith(async (stack) => {
      const { image } = (await stackOutputs(stack)) as { readonly image?: { readonly name: string } };
      if (image === undefined) throw new UserError(`the stack ${stack} is not up\n  Fix: npm run up -- ${stack}`);
      const list = "/usr/local/share/benchbox/packages.tsv";
      return runProgram("docker", ["run", "--rm", "--network", "none", "--entrypoint", "cat", image.name, list]);
    }),
  );
