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
  .summary("restore volumes from a backup")
  .description(
    "restore the volumes from a backup after verifying every checksum; stops the box, and refuses to replace volumes that have data",
  )
  .argument("<file>", "the file that `backup` wrote")
  .option("--replace [stack]", "replace the data in the volumes; asks for the stack's name, unless it is given")
  .action(exitWith(restore));

interface Options {
  /** The stack's name; true to ask for it. */
  readonly replace?: string | true;
}

async function restore(stack: string, name: string, { replace }: Options): Promise<number> {
  const file = resolve(userFolder, name);
  const { box, image, volumes, folders } = await readStackStorage(stack);
  const checking = new Progress(`checking ${file}`);
  const manifest = await verifyArchive(file, (count) => checking.add(count));
  checking.end();

  const targets = manifest.parts.flatMap(({ key }) => {
    const folder = folders.find((one) => one.key === key);
    const volume = folder === undefined ? volumes.find((one) => one.key === key) : undefined;
    if (volume === undefined) {
      const reason = folder
        ? `here, it is the folder ${folder.source} of the Docker Engine's host`
        : `${box} has no such volume`;
      console.error(`${key}: skipped: ${reason}; to restore it, extract ${partName(key)} from ${file}`);
    }
    return volume ?? [];
  });
  if (targets.length === 0)
    throw new UserError(`restoring ${file} failed: ${box} has none of the volumes in this backup`);
  await confirmReplacing(stack, file, await withData(image, targets), replace);
  await stop(box);
  await forEachFile(file, async (name, content) => {
    const part = targets.find(({ key }) => partName(key) === name);
    if (part !== undefined) await unpack(image, part, content);
  });
  console.log(`Restored ${targets.map(({ key }) => key).join(", ")}. To start the box: npm run up -- ${stack}`);
  return 0;
}

/** The parts whose volumes contain a file. Folders do not count, since new volumes have some. */
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
    "/data/.benchbox-restore/new/*", // `old` is not excluded: it can hold the only copy of files (see ../archive/unpack)
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
      `${names} of ${stack} already ${full.length === 1 ? "has" : "have"} data; nothing was changed\n` +
        `  To replace it: npm run restore -- ${stack} ${file} --replace`,
    );
  }
  if (replace === true)
    await confirmByTyping(`This permanently replaces the data in ${names} of ${stack}.`, stack, `--replace=${stack}`);
  else if (replace !== stack)
    throw new UserError(`--replace=${replace} does not name the stack ${stack}; nothing was changed`);
}

/** Stops the box, so that nothing writes to the volumes. The next `up` starts it and passes it its keys again. */
async function stop(box: string): Promise<void> {
  const state = await askDocker(["container", "inspect", "--format", "{{.State.Status}}", box]);
  if (!["running", "paused", "restarting"].includes(state.trim())) return;
  console.error(`stopping ${box}`);
  const stopped = await docker(["stop", box]);
  if (!stopped.ok) throw new UserError(`stopping ${box} failed: ${stopped.stderr}`);
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
    // A helper that ends early breaks the pipe; its message is more helpful than that error.
    const [, { code, errors }] = await Promise.all([pipeline(content, helper.stdin).catch(() => {}), helper.finished]);
    if (code !== 0) throw new UserError(`restoring ${part.key} failed, and its data is unchanged: ${errors}`);
  } finally {
    helper.kill();
    progress.end();
  }
  console.error(`${part.key}: ${roundedSize(bytes)}`);
}
