import { UserError } from "../../model/user-error.ts";
import { docker } from "../../observe/docker.ts";
import { runProgram } from "../../process/run-program.ts";
import { useDockerHost } from "../../state/docker-host.ts";
import { boxName, requireStack, stackNames } from "../../state/project.ts";
import { createCommand, exitWith } from "../stack-command.ts";

/** The folder in the box with the log of each step's last run. */
const folder = "/var/log/benchbox";

export default createCommand("logs")
  .summary("log of a first-run step")
  .description("print the log of a first-run step's last run; without a step, list the steps that have one")
  .argument("[stack]", "the STACK of Pulumi.STACK.yaml, or a step of sandbox", "sandbox")
  .argument("[step]", "for example uv")
  .action(
    exitWith((first, second) =>
      // A single word that is not a stack is a step of sandbox.
      second === undefined && !stackNames().includes(first) ? logs("sandbox", first) : logs(first, second),
    ),
  );

async function logs(stack: string, step: string | undefined): Promise<number | undefined> {
  requireStack(stack);
  useDockerHost(stack);
  const box = boxName(stack);
  const { ok, stdout } = await docker(["exec", box, "ls", folder]);
  if (!ok)
    throw new UserError(`the box ${stack} is not running, or no step has run in it yet\n  Fix: npm run up -- ${stack}`);
  const steps = stdout.split("\n").flatMap((file) => /^(.+)\.log$/.exec(file)?.[1] ?? []);
  if (step === undefined) {
    for (const one of steps) console.log(one);
    return;
  }
  if (!steps.includes(step))
    throw new UserError(`no step ${step} has run in the box ${stack} (steps: ${steps.join(", ") || "none"})`);
  return runProgram("docker", ["exec", box, "cat", `${folder}/${step}.log`]);
}
