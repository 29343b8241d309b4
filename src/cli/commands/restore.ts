import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { roundedSize } from "../../model/size.ts";
import { UserError } from "../../model/user-error.ts";
import { askDocker, docker } from "../../observe/docker.ts";
import { confirmByTyping } from "../../process/prompt.ts";
import { userFolder } from "../../state/project.ts";
import { forEachFile, verifyArchive } from "../archive/archive-reader.ts";
import { runHelper, startHelper } from "../archive/helper.ts";
import { partName } from "../archive/manifest.ts";
import { Progress } from "../archive/progress.ts";
import { type Part, readStackStorage } from "../archive/stack-storage.ts";
import { exitWith, stackCommand } from "../stack-command.ts";

export default stackCommand("restore")
  .summary("put back what a backup wrote")
  .description(
    "put back what a backup wrote, once every checksum is right; stops the box, and leaves volumes with data alone",
  )
  .argument("<file>", "what `backup` wrote")
  .option("--replace [stack]", "replace what is in the volumes; asks for the stack's name unless it is given")
  .action(exitWith(restore));

interface Options {
  /** `true` without a value. */
  readonly replace?: string | true;
}

async function restore(stack: string, name: string, { replace }: Options): Promise<number> {
  const file = resolve(userFolder, name);
  const { box, image, volumes, folders } = readStackStorage(stack);
  const checking = new Progress(`checking ${file}`);
  const manifest = await verifyArchive(file, (count) => checking.add(count));
  checking.end();

  const targets = manifest.parts.flatMap(({ key }) => {
    const folder = folders.find((one) => one.key === key);
    const volume = folder === undefined ? volumes.find((one) => one.key === key) : undefined;
    if (volume === undefined) {
      const reason = folder
        ? `it is the folder ${folder.source} of the engine's machine here`
        : `${box} has no such volume`;
      console.error(`${key}: left out, ${reason}; it can be unpacked by hand: ${partName(key)} in ${file}`);
    }
    return volume ?? [];
  });
  if (targets.length === 0) throw new UserError(`nothing of ${file} has a volume of ${box} to go to`);
  await confirmReplacing(stack, file, await withData(image, targets), replace);
  await stop(box);
  await forEachFile(file, async (name, content) => {
    const part = targets.find(({ key }) => partName(key) === name);
    if (part !== undefined) await unpack(image, part, content);
  });
  console.log(`${targets.map(({ key }) => key).join(", ")} restored; start the box: npm run up -- ${stack}`);
  return 0;
}

/** The parts whose volumes have a file; the folders of a new one do not count. */
async function withData(image: string, parts: readonly Part[]): Promise<string[]> {
  const words = [
    "/data",
    "-mindepth",
    "1",
    "-not",
    "-type",
    "d",
    "-not",
    "-path",
    "/data/.benchbox-restore/new/*", // but not `old`: see `unpack`
    "-print",
    "-quit",
  ];
  const found = await Promise.all(
    parts.map(async (part) => ((await runHelper(image, part, "find", words)) ? [part.key] : [])),
  );
  return found.flat();
}

async function confirmReplacing(
  stack: string,
  file: string,
  full: readonly string[],
  replace: string | true | undefined,
): Promise<void> {
  if (full.length === 0) return;
  const names = full.join(", ");
  if (replace === undefined) {
    throw new UserError(
      `${names} of ${stack} already ${full.length === 1 ? "has" : "have"} data; nothing was changed\n  Fix: to replace it: npm run restore -- ${stack} ${file} --replace`,
    );
  }
  if (replace === true)
    await confirmByTyping(`This replaces what is in ${names} of ${stack} for good.`, stack, `--replace=${stack}`);
  else if (replace !== stack)
    throw new UserError(`--replace=${replace} does not name the stack ${stack}; nothing was changed`);
}

/** Nothing may write to the volumes meanwhile; and a box that was stopped is handed its keys again by the next `up`. */
async function stop(box: string): Promise<void> {
  const state = await askDocker(["container", "inspect", "--format", "{{.State.Status}}", box]);
  if (!["running", "paused", "restarting"].includes(state.trim())) return;
  console.error(`stopping ${box}`);
  const stopped = await docker(["stop", box]);
  if (!stopped.ok) throw new UserError(`${box} could not be stopped: ${stopped.stderr}`);
}

async function unpack(image: string, part: Part, content: Readable): Promise<void> {
  const progress = new Progress(part.key);
  const script = readFileSync(new URL("../archive/unpack", import.meta.url), "utf8");
  const helper = startHelper(image, part, "bash", ["-c", script], true);
  helper.stdout.resume();
  let bytes = 0;
  content.on("data", (piece: Buffer) => {
    bytes += piece.length;
    progress.add(piece.length);
  });
  try {
    // A helper that ends early breaks the pipe; what it said tells more than that.
    const [, { code, said }] = await Promise.all([pipeline(content, helper.stdin).catch(() => {}), helper.finished]);
    if (code !== 0) throw new UserError(`${part.key} could not be restored and is as it was: ${said}`);
  } finally {
    helper.kill();
    progress.end();
  }
  console.error(`${part.key}: ${roundedSize(bytes)}`);
}
