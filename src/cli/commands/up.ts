import { rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../model/user-error.ts";
import { confirm } from "../../process/prompt.ts";
import { runProgram } from "../../process/run-program.ts";
import { shareDisplay } from "../../resources/share-display.ts";
import { hasBuildFailed } from "../../state/build-log.ts";
import { boxName, projectFolder } from "../../state/project.ts";
import { runPulumi } from "../../state/run-pulumi.ts";
import { pulumiCommand, pulumiWords } from "../pulumi-options.ts";
import { exitWith } from "../stack-command.ts";
import { describeAccess } from "./ssh.ts";
import { renewSshConfig } from "./ssh-config.ts";
import { tools } from "./tools.ts";

const command = pulumiCommand("up")
  .summary("create or update the box, and print how to open it")
  .description(
    "create or update the stack's box, and print how to open it; install what is missing on your computer, and ask before changing the box",
  )
  .option("-y, --yes", "do not ask")
  .option("--skip-preview", "skip the preview")
  .option("--refresh", "first compare every resource with the Docker Engine")
  .option("--retry", "retry tools that are unavailable and not required")
  .option("--upgrade", "update tools to their newest releases, if benchbox:tools.policy is latest")
  .option("--frozen", "install only tools whose version and checksum are in tools.lock.yml")
  .option("--bundle <file>", "install everything from a bundle, without a network")
  .option("--restore-host-key", "restore the stack's SSH host key in the box, after an alarm")
  .option("--accept-lost-volumes", "create volumes that are gone from the Docker Engine again, without their data");

export default command.action(exitWith(up));

type Options = ReturnType<typeof command.opts>;

/** Brings a stack up and reports its tools. @returns the exit code */
export async function up(stack: string, rest: readonly string[], options: Options): Promise<number> {
  setVariables(stack, options);
  if (options.bundle !== undefined) await loadImages(stack);
  const isInteractive = process.stdin.isTTY && process.stdout.isTTY;
  const needsConfirmation = isInteractive && !options.yes;
  const confirmChanges = async (): Promise<void> => {
    if (needsConfirmation) await confirm("The box is about to be changed as previewed above.", "--yes");
  };
  // `pulumi preview` does not know all options of `pulumi up`, and --skip-preview wants none.
  const isPlain = rest.length === 0 && !options.skipPreview;
  const words = [
    ...["up", "--stack", stack],
    ...(needsConfirmation ? [] : ["--yes"]),
    ...(isInteractive ? [] : ["--suppress-progress"]),
    ...(options.skipPreview ? ["--skip-preview"] : []),
    ...(options.refresh ? ["--refresh"] : []),
    ...pulumiWords(rest, options),
  ];
  const bringUp = async (): Promise<readonly [number, number]> => {
    const code = await runPulumi(words, { onlyChanges: true, confirm: isPlain ? confirmChanges : undefined });
    // After a failed build, the status of the tools explains nothing.
    return [code, hasBuildFailed(stack) ? 0 : await tools(stack, { isAfterUp: true })];
  };
  let [code, toolCode] = await bringUp();
  if (code === 0 && toolCode !== 0) {
    console.log("The box was stopped, so its tools could not be checked earlier. Now repairing the broken tools.");
    [code, toolCode] = await bringUp();
  }
  if (code !== 0 || toolCode !== 0) return toolCode || code;
  await renewSshConfig(stack); // the port or the host key may have changed
  await shareDisplay(boxName(stack), { isQuiet: true });
  await describeAccess(stack);
  return 0;
}

/** Loads the images of a bundle, which bin/benchbox has unpacked. */
async function loadImages(stack: string): Promise<void> {
  const archive = join(projectFolder, `.state/bundle/${stack}-images.tar.gz`);
  console.log("loading the bundle's images ...");
  const code = await runProgram("docker", ["load", "--quiet", "--input", archive]);
  if (code !== 0) throw new UserError("loading the bundle's images failed: see the lines above");
  rmSync(archive);
}

/** Passes the options to the Pulumi program in its environment; see `readUpOptions`. */
function setVariables(stack: string, options: Options): void {
  const { env } = process;
  if (options.retry) env.BENCHBOX_RETRY = "yes";
  if (options.upgrade) env.BENCHBOX_UPGRADE = "yes";
  if (options.frozen) env.BENCHBOX_FROZEN = "yes";
  if (options.restoreHostKey) env.BENCHBOX_RESTORE_HOST_KEY = "yes";
  if (options.acceptLostVolumes) env.BENCHBOX_LOST_VOLUMES = "accept";
  if (options.bundle !== undefined) env.BENCHBOX_TOOLS = join(projectFolder, `.state/bundle/${stack}-tools.tar.gz`);
}
