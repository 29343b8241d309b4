import { resolve } from "node:path";
import { roundedSize } from "../../model/size.ts";
import { isRunning } from "../../observe/is-running.ts";
import { userFolder } from "../../state/project.ts";
import { openArchive } from "../archive/archive-writer.ts";
import { packVolume } from "../archive/pack-volume.ts";
import { readStackStorage } from "../archive/stack-storage.ts";
import { exitWith, stackCommand } from "../stack-command.ts";

export default stackCommand("backup")
  .summary("write the box's volumes into a tar file")
  .description(
    "write the stack's volumes into a tar file with owners, modes, extended attributes, sparse files and a checksum for each; " +
      "an interrupted backup resumes",
  )
  .argument("[file]", "default: STACK-DATE.tar; never overwritten")
  .option("--host-folders", "include folders of the Docker Engine's host that are storage of the box")
  .action(exitWith((stack, name, { hostFolders }) => backup(stack, name, hostFolders)));

async function backup(stack: string, name: string | undefined, withFolders = false): Promise<void> {
  const file = resolve(userFolder, name ?? `${stack}-${new Date().toISOString().slice(0, 10)}.tar`);
  const { box, image, volumes, folders } = await readStackStorage(stack);
  if (!withFolders) {
    for (const { key, source } of folders)
      console.error(
        `${key}: skipped: it is the folder ${source} of the Docker Engine's host (to include it: --host-folders)`,
      );
  }
  if (await isRunning(box))
    console.error(
      "The box is running: a file that changes during the backup is saved as it was when it was read. " +
        `For a consistent snapshot: docker stop ${box}`,
    );
  const archive = await openArchive(file, box);
  const inUse = folders.map(({ key }) => key);
  const parts = withFolders ? [...volumes.filter(({ key }) => !inUse.includes(key)), ...folders] : volumes;
  for (const part of parts) {
    const kept = archive.has(part.key);
    if (kept === undefined) await packVolume(archive, image, part);
    else console.error(`${part.key}: kept from the interrupted run of ${kept.taken}; its checksum is correct`);
  }
  const { parts: written } = await archive.finish();
  const size = written.reduce((sum, part) => sum + part.size, 0);
  console.log(`${file}: ${written.map(({ key }) => key).join(", ")}; ${roundedSize(size)}, with checksums`);
}
