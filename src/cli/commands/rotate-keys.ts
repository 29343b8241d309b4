import { projectOf } from "../../config/files.ts";
import { docker } from "../../observe/docker.ts";
import { isRunning } from "../../observe/is-running.ts";
import { confirm } from "../../process/prompt.ts";
import { boxName, projectFolder } from "../../state/project.ts";
import { askPulumi, runPulumi } from "../../state/run-pulumi.ts";
import { exitWith, stackCommand } from "../stack-command.ts";
import { up } from "./up.ts";

export default stackCommand("rotate-keys")
  .summary("replace the stack's SSH keys")
  .description(
    "give the stack a new host key and a new automation key, and invalidate the old ones; the container stays, and so do open sessions",
  )
  .option("-y, --yes", "do not ask")
  .addHelpText("after", "\nKeys that once came from an SSH agent, and are not in it now, may no longer log in.")
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
    `The keys of ${stack} are new. Keep the change of Pulumi.${stack}.yaml (key_generation): with the old number the next up creates other keys.`,
  );
  return 0;
}

/** The number stands in the stack's file, so that every clone and host that uses the stack has the same keys. */
async function raiseGeneration(stack: string): Promise<number> {
  const key = `${projectOf(projectFolder)}:ssh.key_generation`;
  const words = ["--path", key, "--stack", stack];
  const generation = await askPulumi(["config", "get", ...words]).catch(() => "0"); // not set
  return runPulumi(["config", "set", ...words, String(Number(generation) + 1)]);
}
