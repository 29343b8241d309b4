import { type CheckResult, error, passed, warning } from "../model/check-result.ts";
import { quote } from "../model/quote.ts";

/** A folder on the Docker host that is mounted into the box, and the user who needs write access to it. */
export interface SharedPath {
  readonly hostPath: string;
  /** The user's uid on the Docker host. */
  readonly uid: number;
  readonly gid: number;
  /** The user's uid in the box, where the Docker Engine maps it to another one. */
  readonly boxUid?: number | undefined;
}

/** The owner and the mode of a folder, a file or a socket. */
export interface PathStatus {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Whether it is on an NFS server, which may treat root as nobody (`root_squash`). */
  readonly isNfs?: boolean | undefined;
}

const typeMask = 0o170000;
const folderType = 0o040000;
const isFolder = ({ mode }: PathStatus): boolean => (mode & typeMask) === folderType || (mode & typeMask) === 0;

/**
 * Checks that a user can write to a folder.
 *
 * @param status undefined when the folder does not exist or cannot be accessed
 */
export function evaluateSharedPath(
  { hostPath, uid, gid, boxUid }: SharedPath,
  status: PathStatus | undefined,
): CheckResult[] {
  const origin =
    boxUid === undefined ? "the ids in the box" : `which the Docker Engine maps the box's uid ${boxUid} to`;
  const what = status === undefined || isFolder(status) ? "folder" : "file";
  const needed = `a ${what} that is writable by uid ${uid} (gid ${gid}), ${origin}`;
  const chown = `sudo chown ${uid}:${gid} ${quote(hostPath)}`;
  if (status === undefined) {
    return error(
      hostPath,
      "does not exist, or cannot be accessed",
      needed,
      `sudo install -d -o ${uid} -g ${gid} ${quote(hostPath)}`,
    );
  }
  if (mayWrite(status, uid, gid)) return passed(hostPath, `writable by uid ${uid}`);
  const own = `set uid ${status.uid} and gid ${status.gid} in ssh.users`;
  return warning(
    hostPath,
    `${status.isNfs ? "is on an NFS server, and " : ""}belongs to uid ${status.uid}, gid ${status.gid}, mode ${(status.mode & 0o777).toString(8).padStart(4, "0")}`,
    needed,
    status.isNfs
      ? `on the NFS server, change its owner to ${uid}:${gid} (root_squash lets no client do that); or ${own}`
      : boxUid === undefined
        ? `${chown}, or ${own}`
        : chown,
  );
}

/** Follows the kernel: the owner's bits apply to the owner, the group's bits to the group, and the other bits to everyone else. */
function mayWrite(status: PathStatus, uid: number, gid: number): boolean {
  const shift = status.uid === uid ? 6 : status.gid === gid ? 3 : 0;
  const needed = isFolder(status) ? 0o3 : 0o2; // creating files in a folder requires w and x
  return ((status.mode >> shift) & needed) === needed;
}
