import { posix } from "node:path";
import { z } from "zod";
import type { Checked } from "../model/checked.ts";
import type { Mount, StoragePlace } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { type HostFolderOptions, type HostPathKind, readHostPath } from "../observe/host-folder.ts";
import "./key-meta.ts";
import { size } from "./limit-options.ts";
import { findOverlapping } from "./storage.ts";

/** `benchbox:mounts`: what is mounted into the box in addition to its storage. */

const sources = ["host", "volume", "tmpfs"] as const;

const mount = z
  .strictObject({
    host: z
      .string("must be a folder, a file or a socket on the Docker host")
      .optional()
      .meta({
        description:
          "Folder, file or socket on the Docker host. A file must not be one that programs replace instead of write to.",
        examples: ["/srv/datasets", "~/.cache/huggingface"],
      }),
    volume: z
      .string("must be the name of a volume")
      .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/, "must be the name of a volume: letters, digits, `_`, `.` and `-`")
      .optional()
      .meta({
        description:
          "Docker volume instead of `host`: one that exists outside the stack, so that several boxes can share it; or one that the " +
          "stack creates, if `driver` or `options` is set.",
        examples: ["datasets"],
      }),
    tmpfs: size(2 ** 20, "8g")
      .optional()
      .meta({
        description: "Size of a folder in memory instead of `host`. It is empty after each start.",
        examples: ["8g"],
      }),
    path: z
      .string("must be an absolute path in the box")
      .regex(/^(\/|~\/.)[^\0\n\r,:]*$/, "must be an absolute path in the box, or start with `~/`, without `:` and `,`")
      .meta({
        description: "Mount point in the box; `~` is the first user's home.",
        examples: ["/datasets", "~/.cache/huggingface"],
      }),
    read_only: z
      .boolean("must be true or false")
      .default(false)
      .meta({ description: "Whether the box has read-only access.", examples: [true] }),
    driver: z
      .string("must be the name of a volume driver")
      .min(1, "must be the name of a volume driver")
      .optional()
      .meta({
        description: "Volume driver with which the stack creates `volume`.",
        defaultText: "`local`, if `options` is set",
        examples: ["local"],
      }),
    options: z
      .record(z.string(), z.string("must be a string; quote numbers"), "must be a mapping of names to values")
      .optional()
      .meta({
        description:
          "Options of the volume driver, as for `docker volume create --opt`. The state stores them, so set no secrets.",
        examples: [{ type: "nfs", o: "addr=nas.lan,nfsvers=4.2,ro", device: ":/export/data" }],
      }),
  })
  .superRefine((one, context) => {
    const named = sources.filter((key) => one[key] !== undefined);
    const refuse = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    if (named.length !== 1) {
      const found = named.length === 0 ? "has no source" : `has several sources, ${named.join(" and ")}`;
      context.addIssue({ code: "custom", message: `${found}: set one of ${sources.join(", ")}` });
    }
    for (const key of ["driver", "options"] as const)
      if (one[key] !== undefined && one.volume === undefined) refuse(key, "requires `volume`, the volume to create");
    if (one.read_only && one.tmpfs !== undefined) refuse("read_only", "makes no sense for tmpfs, which starts empty");
  });

export const mountOptions = z
  .array(mount, "must be a list of {host, volume or tmpfs, path, read_only}")
  .default([])
  .meta({
    description:
      "Folders, files, sockets and volumes of the Docker host, and folders in memory, that are mounted into the box in addition to " +
      "its storage.",
    examples: [
      [
        { host: "~/.cache/huggingface", path: "~/.cache/huggingface" },
        { volume: "datasets", path: "/datasets", read_only: true },
        { tmpfs: "8g", path: "/scratch" },
      ],
    ],
    effect: "new container",
  });

/** Folders that the box needs: with a mount over one of them it would not start, or nobody could log in. */
const boxFolders: readonly RegExp[] = [
  /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|proc|root|run|sbin|sys|tmp|usr|var)?$/,
  /^\/(bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|run|sbin|sys|usr)\//,
  /^\/var\/(lib|run)(\/|$)/,
];

/** Where a single file or a socket may be mounted in spite of `boxFolders`. */
const filePlaces = /^\/(etc|run|usr|var\/run)\/./;

/** Files that the box itself writes, or whose loss ends logins. */
const boxFiles =
  /^\/etc\/(passwd|shadow|group|gshadow|sudoers|ssh|benchbox|hosts|hostname|resolv\.conf|security)(\/|$)/;

/**
 * Validates the mounts and their places in the box.
 *
 * @param storage the box's own storage
 * @param problem creates a problem with the mount at `index`
 */
export function readMounts(
  mounts: z.output<typeof mountOptions>,
  storage: readonly Pick<StoragePlace, "path">[],
  hostFolder: HostFolderOptions,
  problem: (index: number, key: "host" | "path", message: string) => Problem,
): Checked<Mount[]> {
  const problems: Problem[] = [];
  const taken: string[] = [];
  const homes = storage.map(({ path }) => path).filter((path) => path.startsWith("/home/"));
  const value = mounts.flatMap((one, index): Mount[] => {
    const path = posix.normalize(one.path.replace(/^~(?=\/)/, homes[0] ?? "/home")).replace(/(?<=.)\/+$/, "");
    const read = one.host === undefined ? undefined : readHostPath(one.host, hostFolder, one.read_only);
    if (read && "problem" in read) problems.push(problem(index, "host", `${JSON.stringify(one.host)} ${read.problem}`));
    const kind = read && "path" in read ? read.kind : "folder";
    const message = placeProblem(path, kind, { storage, homes, taken });
    if (message !== undefined) problems.push(problem(index, "path", `${path} ${message}`));
    taken.push(path);
    const { volume, tmpfs, driver, options, read_only: readOnly } = one;
    if (tmpfs !== undefined) return [{ path, tmpfs }];
    if (volume !== undefined) {
      const isCreated = driver !== undefined || options !== undefined;
      const created = { driver: driver ?? "local", options: options ?? {} };
      return [{ volume, path, readOnly, ...(isCreated && { created }) }];
    }
    return read && "path" in read ? [{ host: read.path, path, readOnly }] : [];
  });
  return problems.length > 0 ? { problems } : { value };
}

interface Places {
  readonly storage: readonly Pick<StoragePlace, "path">[];
  readonly homes: readonly string[];
  readonly taken: readonly string[];
}

/** Why nothing can be mounted at a path of the box, as the end of a sentence that begins with the path. */
function placeProblem(path: string, kind: HostPathKind, { storage, homes, taken }: Places): string | undefined {
  const isFile = kind !== "folder" && filePlaces.test(path) && !boxFiles.test(path);
  if (!isFile && boxFolders.some((folder) => folder.test(path)))
    return "belongs to the box itself; choose another path, for example /data";
  const home = homes.find((one) => path.startsWith(`${one}/`));
  if (home !== undefined && /^\.ssh(\/|$)/.test(path.slice(home.length + 1)))
    return "holds the box's SSH keys; choose another path";
  const kept =
    home === undefined &&
    findOverlapping(
      storage.map((place) => place.path),
      path,
    );
  if (kept) return `overlaps ${kept}, the box's storage; choose another: \`storage\` sets where the data there is kept`;
  const other = findOverlapping(taken, path);
  return other === undefined ? undefined : `overlaps the mount at ${other}; choose another`;
}

/** Warnings about mounts that open the Docker host to the box. */
export const mountWarnings = (mounts: readonly Mount[]): string[] =>
  mounts.flatMap((one) =>
    "host" in one && /\/(docker|containerd|podman|crio)\.sock$/.test(one.host)
      ? [`${one.host} is mounted into the box: everyone who can use it there is root on the Docker host`]
      : [],
  );
