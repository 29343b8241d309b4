/** What `npm run backup` runs: backup.ts STACK FOLDER [FILE] [--host-folders]; FILE is named from FOLDER. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { roundedSize } from "../../model/size.ts";
import { UserError } from "../../model/user-error.ts";
import { askDocker } from "../../observe/docker.ts";
import { runCommand } from "../../process/run-command.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { askHelper, startHelper } from "./helper.ts";
import { Progress } from "./progress.ts";
import { type Part, readStackStorage } from "./stack-storage.ts";

const usage = "usage: npm run backup -- STACK [FILE] [--host-folders]";

/** All that a file system says of a file, in a form that any GNU tar reads. */
const packWords = [
  "--create",
  "--file=-",
  "--format=posix",
  "--numeric-owner",
  "--sparse",
  "--xattrs",
  "--xattrs-include=*",
  "--acls",
  "--one-file-system",
  "--exclude=./.benchbox-restore", // what a restore that was ended left
  "--directory=/data",
  ".",
];

runCommand(async () => {
  const { stack, file, withFolders } = readArguments();
  const { box, image, volumes, folders } = readStackStorage(stack);
  if (!withFolders) {
    for (const { key, source } of folders)
      console.error(`${key}: left out, it is the folder ${source} of the engine's machine (--host-folders)`);
  }
  const isUp = (await askDocker(["container", "inspect", "--format", "{{.State.Running}}", box])).trim() === "true";
  if (isUp)
    console.error(
      `The box runs: what changes meanwhile is kept as it was when it was read. To have one moment's state: docker stop ${box}`,
    );
  const archive = await ArchiveWriter.open(file, box);
  const inUse = folders.map(({ key }) => key);
  const parts = [...volumes.filter(({ key }) => !withFolders || !inUse.includes(key)), ...(withFolders ? folders : [])];
  for (const part of parts) await addPart(archive, image, part);
  const { parts: written } = await archive.finish();
  const size = written.reduce((sum, part) => sum + part.size, 0);
  console.log(`${file}: ${written.map(({ key }) => key).join(", ")}; ${roundedSize(size)}, with checksums`);
  return 0;
});

function readArguments(): { stack: string; file: string; withFolders: boolean } {
  try {
    const options = { "host-folders": { type: "boolean" } } as const;
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    const [stack = "", from = "", name, ...more] = positionals;
    if (more.length > 0) throw new Error(`one file at a time, not also ${more[0]}`);
    const file = resolve(from, name ?? `${stack}-${new Date().toISOString().slice(0, 10)}.tar`);
    return { stack, file, withFolders: values["host-folders"] ?? false };
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n${usage}`);
  }
}

async function addPart(archive: ArchiveWriter, image: string, part: Part): Promise<void> {
  const kept = archive.has(part.key);
  if (kept !== undefined) {
    console.error(`${part.key}: kept from the run that was ended, as of ${kept.taken}; its checksum is right`);
    return;
  }
  const [used = ""] = (
    await askHelper(image, part, "du", ["--summarize", "--block-size=1", "--one-file-system", "/data"])
  ).split("\t");
  const progress = new Progress(part.key, Number(used));
  const helper = startHelper(image, part, "tar", packWords);
  helper.stdin.end();
  const settle = async () => {
    const { code, said } = await helper.finished;
    if (code > 1) throw new UserError(`${part.key} could not be read (tar ended with ${code}): ${said}`);
    if (said) console.error(`${part.key}: ${said}`); // files that changed meanwhile, sockets
  };
  try {
    await archive.add(part.key, helper.stdout, settle, (count) => progress.add(count));
  } finally {
    helper.kill();
    progress.end();
  }
  console.error(`${part.key}: ${roundedSize(archive.has(part.key)?.size ?? 0)}`);
}
