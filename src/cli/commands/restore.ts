import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { roundedSize } from "../../model/size.ts";
import { UserError } from "../../model/user-error.ts";
import { docker } from "../../observe/docker.ts";
import { isRunning } from "../../observe/is-running.ts";
import { confirmByTyping } from "../../process/prompt.ts";
import { userFolder } from "../../state/project.ts";
import { forEachFile, partName, verifyArchive } from "../archive/archive-reader.ts";
import { runHelper, startHelper } from "../archive/helper.ts";
import { withProgress } from "../archive/progress.ts";
import { type Part, readStackStorage } from "../archive/stack-storage.ts";
import { exitWith, stackCommand } from "../stack-command.ts";

export default stackCommand("restore")
  .summary("restore volumes from a backup")
  .description(
    "restore the volumes from a backup after verifying every checksum; stops the box, and refuses to replace volumes that have data",
  )
  .argument("<file>", "the file that `backup` wrote")
  .option("--replace [stack]", "replace the data in the volumes; asks for the stack's name, unless it is given")
  .action(exitWith((stack, file, { replace }) => restore(stack, resolve(userFolder, file), replace)));

/** Prints a file's name if the volume contains one. Folders do not count, since new volumes have some. `old` counts, since it can
 * hold the only copy of files (see ../archive/unpack). */
const findData = "find /data -mindepth 1 -not -type d -not -path '/data/.benchbox-restore/new/*' -print -quit";

/** @param replace the stack's name; true to ask for it */
async function restore(stack: string, file: string, replace: string | true | undefined): Promise<void> {
  const { box, image, volumes, folders } = await readStackStorage(stack);
  const { parts } = await verifyArchive(file);
  const targets = parts.flatMap(({ key }) => {
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
  const found = await Promise.all(targets.map((part) => runHelper(image, part, findData)));
  const full = targets.filter((_, index) => found[index]).map(({ key }) => key);
  if (full.length > 0) await confirmReplacing(stack, file, full, replace);
  if (await isRunning(box)) await stop(box);
  await forEachFile(file, async (name, content) => {
    const part = targets.find(({ key }) => partName(key) === name);
    if (part === undefined) return;
    await unpack(image, part, content);
    console.error(`${part.key}: ${roundedSize(parts.find(({ key }) => key === part.key)?.size ?? 0)}`);
  });
  console.log(`Restored ${targets.map(({ key }) => key).join(", ")}. To start the box: npm run up -- ${stack}`);
}

async function confirmReplacing(
  stack: string,
  file: string,
  full: readonly string[],
  replace: string | true | undefined,
): Promise<void> {
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
  console.error(`stopping ${box}`);
  const stopped = await docker(["stop", box]);
  if (!stopped.ok) throw new UserError(`stopping ${box} failed: ${stopped.stderr}`);
}

async function unpack(image: string, part: Part, content: Readable): Promise<void> {
  const helper = startHelper(image, part, readFileSync(new URL("../archive/unpack", import.meta.url), "utf8"), true);
  helper.stdout.resume();
  // A helper that ends early breaks the pipe; its message is more helpful than that error.
  const writing = pipeline(withProgress(part.key, content), helper.stdin).catch(() => {});
  try {
    const [{ code, errors }] = await Promise.all([helper.finished, writing]);
    if (code !== 0) throw new UserError(`restoring ${part.key} failed, and its data is unchanged: ${errors}`);
  } finally {
    helper.kill();
  }
}
