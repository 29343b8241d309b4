import { z } from "zod";
import type { Checked } from "../model/checked.ts";
import type { StoragePlace, User } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { type HostFolderOptions, readHostFolder } from "../observe/host-folder.ts";

/** `storage`: where the data that outlives the container is kept. Both files have this option; a stack's keys override. */

const place = z
  .string("must be `volume` or a folder on the Docker host")
  .min(1, "must be `volume` or a folder on the Docker host");

const keys = ["home", "soft", "data", "workspace"] as const;
export type StorageKey = (typeof keys)[number];

export const storageOptions = z.strictObject({
  home: place.optional().meta({
    description: "`/home/<user>` of the first user; the homes of others are volumes.",
    defaultText: "`volume`",
    examples: ["/srv/box/home"],
  }),
  soft: place.optional().meta({
    description: "`/soft`, with `/soft/app`, `/soft/data` and `/soft/workspace`.",
    defaultText: "`volume`",
    examples: ["volume"],
  }),
  data: place.optional().meta({
    description: "`/soft/data`, for data sets on another disk.",
    defaultText: "a part of `/soft`",
    examples: ["/mnt/big/data"],
  }),
  workspace: place.optional().meta({
    description: "`/workspace`.",
    defaultText: "`volume`",
    examples: ["~/work"],
  }),
});

export type StorageOptions = z.output<typeof storageOptions>;

/** The folders that `/soft` has from the start, as in PeiDocker. */
export const softFolders = ["/soft/app", "/soft/data", "/soft/workspace"];

/**
 * The paths of a box that outlive its container, each either a volume or a folder on the Docker host.
 *
 * @param problem creates a problem with the value of a key
 */
export function readStorage(
  options: StorageOptions,
  users: readonly Pick<User, "name">[],
  hostFolder: HostFolderOptions,
  problem: (key: StorageKey, message: string) => Problem,
): Checked<StoragePlace[]> {
  const problems: Problem[] = [];
  const used = new Map<string, StorageKey>();
  const hostPath = (key: StorageKey): { hostPath?: string } => {
    const written = options[key];
    if (written === undefined || written === "volume") return {};
    const read = readHostFolder(written, hostFolder);
    const before = "folder" in read && findOverlapping(used.keys(), read.folder);
    if ("problem" in read) {
      problems.push(problem(key, `${JSON.stringify(written)} ${read.problem}; or write \`volume\``));
    } else if (before) {
      problems.push(problem(key, `${read.folder} overlaps the folder of \`${used.get(before)}\`; choose another`));
    } else {
      used.set(read.folder, key);
      return { hostPath: read.folder };
    }
    return {};
  };
  const data = hostPath("data");
  const places = [
    ...users.map(({ name }, index) => ({
      key: `home-${name}`,
      path: `/home/${name}`,
      ...(index === 0 && hostPath("home")),
    })),
    { key: "soft", path: "/soft", ...hostPath("soft") },
    ...(data.hostPath === undefined ? [] : [{ key: "data", path: "/soft/data", ...data }]),
    { key: "workspace", path: "/workspace", ...hostPath("workspace") },
  ];
  return problems.length > 0 ? { problems } : { value: places };
}

/** The first of `folders` that is the same as `folder`, inside it or around it. */
export function findOverlapping(folders: Iterable<string>, folder: string): string | undefined {
  return [...folders].find((one) => `${one}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${one}/`));
}
