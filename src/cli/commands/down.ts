import { join } from "node:path";
import { UserError } from "../../model/user-error.ts";
import { listByDocker } from "../../observe/docker.ts";
import { confirm, confirmByTyping, isInteractive } from "../../process/prompt.ts";
import { runProgram } from "../../process/run-program.ts";
import { boxName, projectFolder } from "../../state/project.ts";
import { askPulumi, runPulumi } from "../../state/run-pulumi.ts";
import { ensureStack } from "../../state/salt.ts";
import { exitWith, stackCommand } from "../stack-command.ts";
import { describeUnsavedFiles } from "../unsaved-files.ts";
import { removeSshConfig } from "./ssh-config.ts";

interface Options {
  readonly yes?: boolean;
  /** The stack's name; true to ask for it. */
  readonly purge?: true | string;
  readonly all?: boolean;
}

export default stackCommand("down")
  .summary("stop and remove the box; keep its volumes")
  .description(
    "stop and remove the box; keep its volumes, keys and image for the next `up`. Before that, list the files that are in no volume, " +
      "and ask for confirmation on a terminal",
  )
  .option("-y, --yes", "do not ask")
  .option(
    "--purge [stack]",
    "also remove the volumes (homes, /soft, /workspace) with everything in them, the keys and the images, but no folder of the host; " +
      "asks for the stack's name, unless it is given",
  )
  .option("--all", "also stop the Docker Engine, if set-up started it here")
  .action(exitWith(down));

async function down(stack: string, { yes = false, purge, all }: Options): Promise<number> {
  const code = purge === undefined ? await removeBox(stack, yes) : await purgeStack(stack, purge);
  if (code !== 0 || !all) return code;
  return runProgram(join(projectFolder, "src/toolchain/engine"), ["stop"]);
}

async function removeBox(stack: string, isYes: boolean): Promise<number> {
  const lost = await describeUnsavedFiles(boxName(stack));
  if (lost !== "") {
    console.log(lost);
    if (!isYes && isInteractive()) await confirm(`This removes the box ${stack}.`, "--yes");
  }
  const code = await runPulumi([
    ...["destroy", "--stack", stack, "--exclude-protected", "--yes", "--suppress-progress"],
  ]);
  if (code !== 0) return code;
  console.log(`\nThe box ${stack} is down; its volumes and keys are kept. To start it again: npm run up -- ${stack}`);
  return 0;
}

async function purgeStack(stack: string, given: true | string): Promise<number> {
  if (given === true) {
    const consequence =
      `This permanently removes the homes, /soft and /workspace of ${stack}, where they are volumes, ` +
      "with everything in them.";
    await confirmByTyping(consequence, stack, `--purge=${stack}`);
  } else if (given !== stack) throw new UserError(`--purge=${given} does not name ${stack}; nothing was removed`);
  await ensureStack(stack); // a stack that was never up is only a file, which Pulumi does not know
  await askPulumi(["state", "unprotect", "--all", "--stack", stack, "--yes"]);
  const code = await runPulumi(["destroy", "--stack", stack, "--yes", "--suppress-progress"]);
  if (code !== 0) return code;
  await removeImages(boxName(stack));
  await removeSshConfig(stack);
  console.log(`The box ${stack}, its volumes and its keys are removed.`);
  return 0;
}

/** Removes the images that the stack keeps for the next `up`. Selects them by name, so that no other images are touched. */
async function removeImages(box: string): Promise<void> {
  const images = await listByDocker(["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", box]);
  if (images.length === 0) return;
  const code = await runProgram("docker", ["image", "rm", ...images], { stdio: ["inherit", "ignore", "inherit"] });
  if (code === 0) return;
  console.log(
    `Kept: the images listed above. A container that was set aside may still need them: docker ps --all --filter name=${box}`,
  );
}
