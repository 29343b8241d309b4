import { z } from "zod";
import type { Checked } from "../model/checked.ts";
import type { StoragePlace, User } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { type HostFolderOptions, readHostFolder } from "../observe/host-folder.ts";

/** `storage`: where the data that outlives the container is kept. Both files have this option; a stack's keys override. */

const place = z
  .string("must be `volume` or a folder on the Docker host")
  .min(1, "must be `volume` or a folder on the Docker host");

/** The path of a place in `storage`: a key, or `homes` and the name of a user. */
export type StorageKey = readonly [key: "home" | "soft" | "data" | "workspace"] | readonly [key: "homes", user: string];

export const storageOptions = z.strictObject({
  home: place.optional().meta({
    description: "`/home/<user>` of the first user.",
    defaultText: "`volume`",
    examples: ["/srv/box/home"],
  }),
  homes: z
    .record(z.string(), place, "must be a mapping from users to folders")
    .default({})
    .meta({
      description: "`/home/<user>` of other users, by name.",
      defaultText: "volumes",
      examples: [{ ana: "/data/homes/ana" }],
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
 * @param problem creates a problem with the value at a key
 */
export function readStorage(
  options: Partial<StorageOptions>,
  users: readonly Pick<User, "name">[],
  hostFolder: HostFolderOptions,
  problem: (key: StorageKey, message: string) => Problem,
): Checked<StoragePlace[]> {
  const problems: Problem[] = [];
  const used = new Map<string, string>();
  const hostPath = (written: string | undefined, ...key: StorageKey): { hostPath?: string } => {
    if (written === undefined || written === "volume") return {};
    const read = readHostFolder(written, hostFolder);
    const before = "folder" in read && findOverlapping(used.keys(), read.folder);
    if ("problem" in read) {
      problems.push(problem(key, `${JSON.stringify(written)} ${read.problem}; or write \`volume\``));
    } else if (before) {
      problems.push(problem(key, `${read.folder} overlaps the folder of \`${used.get(before)}\`; choose another`));
    } else {
      used.set(read.folder, key.join("."));
      return { hostPath: read.folder };
    }
    return {};
  };
  const { home, homes = {}, soft, workspace } = options;
  const [first, ...others] = users.map(({ name }) => name);
  for (const name of Object.keys(homes).filter((name) => !others.includes(name))) {
    const rule = name === first ? "is the first user, whose home is `storage.home`" : "is not one of ssh.users";
    problems.push(
      problem(["homes", name], `${name} ${rule}${others.length > 0 ? `; others: ${others.join(", ")}` : ""}`),
    );
  }
  const data = hostPath(options.data, "data");
  const places = [
    ...users.map(({ name }, index) => ({
      key: `home-${name}`,
      path: `/home/${name}`,
      ...(index === 0 ? hostPath(home, "home") : hostPath(homes[name], "homes", name)),
    })),
    { key: "soft", path: "/soft", ...hostPath(soft, "soft") },
    ...(data.hostPath === undefined ? [] : [{ key: "data", path: "/soft/data", ...data }]),
    { key: "workspace", path: "/workspace", ...hostPath(workspace, "workspace") },
  ];
  return problems.length > 0 ? { problems } : { value: places };
}

/** The first of `folders` that is the same as `folder`, inside it or around it. */
export function findOverlapping(folders: Iterable<string>, folder: string): string | undefined {
  return [...folders].find((one) => `${one}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${one}/`));
}
