import { docker } from "../../observe/docker.ts";
import { isRunning } from "../../observe/is-running.ts";
import { confirm } from "../../process/prompt.ts";
import { boxName, projectName } from "../../state/project.ts";
import { askPulumi, runPulumi } from "../../state/run-pulumi.ts";
import { exitWith, stackCommand } from "../stack-command.ts";
import { up } from "./up.ts";

export default stackCommand("rotate-keys")
  .summary("replace the stack's SSH keys")
  .description(
    "create a new host key and a new automation key for the stack, and invalidate the old ones; keeps the container and open sessions",
  )
  .option("-y, --yes", "do not ask")
  .addHelpText("after", "\nKeys that came from an SSH agent and are no longer in it lose access.")
  .action(exitWith(rotateKeys));

async function rotateKeys(stack: string, { yes = false }: { readonly yes?: boolean }): Promise<number> {
  if (!yes) {
    const consequence = `This invalidates the keys of ${stack}: clients that know the old host key will refuse the new one.`;
    await confirm(consequence, "--yes");
  }
  const raised = await raiseGeneration(stack);
  if (raised !== 0) return raised;
  const box = boxName(stack);
  if (await isRunning(box)) await docker(["exec", box, "rm", "-f", "/var/lib/benchbox/agent-keys"]);
  const code = await up(stack, [], { yes: true, restoreHostKey: true });
  if (code !== 0) return code;
  console.log(
    `Replaced the keys of ${stack}. Keep the change to Pulumi.${stack}.yaml (key_generation): ` +
      "with the old number, the next up would replace the keys again.",
  );
  return 0;
}

/** Increases the number in the stack's file. All clones share that file, so that they use the same generation of keys. */
async function raiseGeneration(stack: string): Promise<number> {
  const key = `${projectName}:ssh.key_generation`;
  const words = ["--path", key, "--stack", stack];
  const generation = await askPulumi(["config", "get", ...words]).catch(() => "0"); // not set
  return runPulumi(["config", "set", ...words, String(Number(generation) + 1)]);
}
