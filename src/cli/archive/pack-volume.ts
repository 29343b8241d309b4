import { roundedSize } from "../../model/size.ts";
import { UserError } from "../../model/user-error.ts";
import type { openArchive } from "./archive-writer.ts";
import { runHelper, startHelper } from "./helper.ts";
import { withProgress } from "./progress.ts";
import type { Part } from "./stack-storage.ts";

/** Keeps all attributes of the file system, in a format that any GNU tar reads. Leaves out what an interrupted restore has left. */
const packStorage = `tar --create --file=- --format=posix --numeric-owner --sparse --xattrs --xattrs-include='*' --acls \\
  --one-file-system --exclude=./.benchbox-restore --directory=/data .`;

/** Adds a volume, or a folder of the host, to an archive. */
export async function packVolume(
  archive: Awaited<ReturnType<typeof openArchive>>,
  image: string,
  part: Part,
): Promise<void> {
  const used = await runHelper(image, part, "du --summarize --block-size=1 --one-file-system /data");
  const helper = startHelper(image, part, packStorage);
  helper.stdin.end();
  try {
    const content = withProgress(part.key, helper.stdout, Number.parseInt(used, 10));
    const { size } = await archive.add(part.key, content, async () => {
      const { code, errors } = await helper.finished;
      if (code > 1) throw new UserError(`reading ${part.key} failed: tar ended with exit code ${code}: ${errors}`);
      if (errors) console.error(`${part.key}: ${errors}`); // files that changed, sockets
    });
    console.error(`${part.key}: ${roundedSize(size)}`);
  } finally {
    helper.kill();
  }
}
