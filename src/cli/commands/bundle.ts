import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { constants } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { machineOf } from "../../config/stack-values.ts";
import { roundedSize } from "../../model/size.ts";
import { UserError } from "../../model/user-error.ts";
import { baseName } from "../../observe/base.ts";
import { askDocker } from "../../observe/docker.ts";
import { isRunning } from "../../observe/is-running.ts";
import { runProgram } from "../../process/run-program.ts";
import { boxName, projectFolder, userFolder } from "../../state/project.ts";
import { cachedFolders } from "../bundle/cached-folders.ts";
import { packFolder, packOutput, writeBundle } from "../bundle/pack.ts";
import { stackCommand } from "../stack-command.ts";

export default stackCommand("bundle")
  .summary("write everything that an offline host needs into one file")
  .description(
    "write one archive of everything that another host needs to bring the box up without a network: image and base, the box's tools, " +
      "node packages, Pulumi and its providers",
  )
  .argument("[file]", "default: STACK-bundle.tar")
  .addHelpText(
    "after",
    "\nOn the other host: npm run up -- STACK --bundle FILE\nOf the homes, it contains only the tools.",
  )
  .action(bundle);

async function bundle(stack: string, name = `${stack}-bundle.tar`): Promise<void> {
  const file = resolve(userFolder, name);
  const folder = dirname(file);
  if (existsSync(file)) throw new UserError(`${file} already exists\n  Fix: remove it, or name another file`);
  if (!existsSync(folder)) throw new UserError(`writing the bundle failed: the folder ${folder} does not exist`);
  const box = boxName(stack);
  await requireWholeBox(stack, box);
  const staging = stagingIn(folder);
  const parts: Readonly<Record<string, (target: string) => Promise<void>>> = {
    images: async (target) => packOutput(target, "docker", ["save", ...(await imagesOf(stack, box))]),
    tools: (target) => packTools(target, box),
    host: packToolchain,
    packages: (target) => packFolder(target, projectFolder, ["node_modules"]),
  };
  for (const [part, pack] of Object.entries(parts)) {
    console.log(`bundling ${part} ...`);
    await pack(join(staging, `${part}.tar.gz`));
  }
  await writeBundle(staging, stack, file);
  console.log(
    `${file}: ${roundedSize(statSync(file).size)}, with checksums. ` +
      "On a host with a Docker Engine, ssh and Node 18 or newer, in a clone of this version:",
  );
  console.log(`  npm run up -- ${stack} --bundle ${basename(file)}`);
}

async function requireWholeBox(stack: string, box: string): Promise<void> {
  if (!(await isRunning(box))) throw new UserError(`the box ${stack} is not running\n  Fix: npm run up -- ${stack}`);
  const words = ["tools", stack];
  const code = await runProgram(join(projectFolder, "bin/benchbox"), words, { stdio: ["ignore", "ignore", "inherit"] });
  if (code !== 0) throw new UserError(`the box lacks required tools\n  To list them: npm run tools -- ${stack}`);
}

/** Creates a folder beside the bundle, on the same disk, which is removed when this process ends. */
function stagingIn(folder: string): string {
  const staging = mkdtempSync(join(folder, ".benchbox-bundle."));
  process.once("exit", () => rmSync(staging, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  return staging;
}

async function imagesOf(stack: string, box: string): Promise<string[]> {
  const image = await askDocker(["container", "inspect", "--format", "{{.Config.Image}}", box]);
  return [image.trim(), baseName(machineOf(stack).base)];
}

function packTools(target: string, box: string): Promise<void> {
  const script = readFileSync(join(import.meta.dirname, "../bundle/archive-tools.sh"));
  return packOutput(target, "docker", ["exec", "--interactive", "--user", "root", box, "bash", "-s"], script);
}

function packToolchain(target: string): Promise<void> {
  const { BENCHBOX_CACHE: cache = "" } = process.env;
  const toolchain = readFileSync(join(projectFolder, ".state/toolchain.sh"), "utf8");
  return packFolder(target, cache, ["--exclude=*/logs", ...cachedFolders(toolchain, cache)]);
}
