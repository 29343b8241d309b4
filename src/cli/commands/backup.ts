import { resolve } from "node:path";
import { roundedSize } from "../../model/size.ts";
import { UserError } from "../../model/user-error.ts";
import { askDocker } from "../../observe/docker.ts";
import { userFolder } from "../../state/project.ts";
import { ArchiveWriter } from "../archive/archive-writer.ts";
import { runHelper, startHelper } from "../archive/helper.ts";
import { Progress } from "../archive/progress.ts";
import { type Part, readStackStorage } from "../archive/stack-storage.ts";
import { exitWith, stackCommand } from "../stack-command.ts";

export default stackCommand("backup")
  .summary("write the box's volumes into a tar file")
  .description(
    "write the stack's volumes into a tar file with owners, modes, extended attributes, sparse files and a checksum for each; " +
      "an interrupted backup resumes",
  )
  .argument("[file]", "default: STACK-DATE.tar; never overwritten")
  .option("--host-folders", "include folders of the Docker Engine's host that are storage of the box")
  .action(exitWith(backup));

/** Arguments of tar that keep all attributes of the file system, in a format that any GNU tar reads. */
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
  "--exclude=./.benchbox-restore", // left by an interrupted restore
  "--directory=/data",
  ".",
];

interface Options {
  readonly hostFolders?: boolean;
}

async function backup(
  stack: string,
  name: string | undefined,
  { hostFolders: withFolders = false }: Options,
): Promise<number> {
  const file = resolve(userFolder, name ?? `${stack}-${new Date().toISOString().slice(0, 10)}.tar`);
  const { box, image, volumes, folders } = await readStackStorage(stack);
  if (!withFolders) {
    for (const { key, source } of folders)
      console.error(
        `${key}: skipped: it is the folder ${source} of the Docker Engine's host (to include it: --host-folders)`,
      );
  }
  const isUp = (await askDocker(["container", "inspect", "--format", "{{.State.Running}}", box])).trim() === "true";
  if (isUp)
    console.error(
      "The box is running: a file that changes during the backup is saved as it was when it was read. " +
        `For a consistent snapshot: docker stop ${box}`,
    );
  const archive = await ArchiveWriter.open(file, box);
  const inUse = folders.map(({ key }) => key);
  const parts = [...volumes.filter(({ key }) => !withFolders || !inUse.includes(key)), ...(withFolders ? folders : [])];
  for (const part of parts) await addPart(archive, image, part);
  const { parts: written } = await archive.finish();
  const size = written.reduce((sum, part) => sum + part.size, 0);
  console.log(`${file}: ${written.map(({ key }) => key).join(", ")}; ${roundedSize(size)}, with checksums`);
  return 0;
}

async function addPart(archive: ArchiveWriter, image: string, part: Part): Promise<void> {
  const kept = archive.has(part.key);
  if (kept !== undefined) {
    console.error(`${part.key}: kept from the interrupted run of ${kept.taken}; its checksum is correct`);
    return;
  }
  const [used = ""] = (
    await runHelper(image, part, "du", ["--summarize", "--block-size=1", "--one-file-system", "/data"])
  ).split("\t");
  const progress = new Progress(part.key, Number(used));
  const helper = startHelper(image, part, "tar", packWords);
  helper.stdin.end();
  const settle = async () => {
    const { code, errors } = await helper.finished;
    if (code > 1) throw new UserError(`reading ${part.key} failed: tar ended with exit code ${code}: ${errors}`);
    if (errors) console.error(`${part.key}: ${errors}`); // files that changed, sockets
  };
  try {
    await archive.add(part.key, helper.stdout, settle, (count) => progress.add(count));
  } finally {
    helper.kill();
    progress.end();
  }
  console.error(`${part.key}: ${roundedSize(archive.has(part.key)?.size ?? 0)}`);
}
