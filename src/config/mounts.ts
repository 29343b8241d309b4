import { posix } from "node:path";
import { z } from "zod";
import type { Checked } from "../model/checked.ts";
import type { Mount, StoragePlace } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { type HostFolderOptions, readHostFolder } from "../observe/host-folder.ts";
import { findOverlapping } from "./storage.ts";

/** `benchbox:mounts`: folders on the Docker host that are mounted into the box, in addition to its storage. */

const mount = z.strictObject({
  host: z
    .string("must be a folder on the Docker host")
    .meta({ description: "Folder on the Docker host.", examples: ["/srv/datasets"] }),
  path: z
    .string("must be an absolute path in the box")
    .regex(/^\/[^\0\n\r,:]*$/, "must be an absolute path in the box, without `:` and `,`")
    .meta({ description: "Mount point in the box.", examples: ["/datasets"] }),
  read_only: z
    .boolean("must be true or false")
    .default(false)
    .meta({ description: "Whether the box has read-only access.", examples: [true] }),
});

export const mountOptions = z
  .array(mount, "must be a list of {host, path, read_only}")
  .default([])
  .meta({
    description: "Folders on the Docker host that are mounted into the box, in addition to its storage.",
    examples: [[{ host: "/srv/datasets", path: "/datasets", read_only: true }]],
    effect: "new container",
  });

/** Folders that the box needs: with a mount over one of them it would not start, or nobody could log in. */
const boxFolders: readonly RegExp[] = [
  /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|proc|root|run|sbin|sys|tmp|usr|var)?$/,
  /^\/(bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|run|sbin|sys|usr)\//,
  /^\/var\/(lib|run)(\/|$)/,
];

/** Validates the mounts: each needs an existing folder, and a mount point that overlaps neither the box's own paths nor another mount. */
export function readMounts(
  mounts: z.output<typeof mountOptions>,
  storage: readonly Pick<StoragePlace, "path">[],
  hostFolder: HostFolderOptions,
  problem: (index: number, key: "host" | "path", message: string) => Problem,
): Checked<Mount[]> {
  const problems: Problem[] = [];
  const taken: string[] = [];
  const value = mounts.flatMap((one, index) => {
    const path = posix.normalize(one.path).replace(/(?<=.)\/+$/, "");
    const read = readHostFolder(one.host, hostFolder);
    if ("problem" in read) problems.push(problem(index, "host", `${JSON.stringify(one.host)} ${read.problem}`));
    const kept = findOverlapping(
      storage.map((place) => place.path),
      path,
    );
    const other = findOverlapping(taken, path);
    if (boxFolders.some((folder) => folder.test(path))) {
      problems.push(
        problem(index, "path", `${path} belongs to the box itself; choose another path, for example /data`),
      );
    } else if (kept !== undefined) {
      const storageHint = "`storage` sets where the data there is kept";
      problems.push(
        problem(index, "path", `${path} overlaps ${kept}, the box's storage; choose another: ${storageHint}`),
      );
    } else if (other !== undefined) {
      problems.push(problem(index, "path", `${path} overlaps the mount at ${other}; choose another`));
    }
    taken.push(path);
    return "folder" in read ? [{ host: read.folder, path, readOnly: one.read_only }] : [];
  });
  return problems.length > 0 ? { problems } : { value };
}
