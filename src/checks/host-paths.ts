import { type CheckResult, error, passed, warning } from "../model/check-result.ts";
import { quote } from "../model/quote.ts";

/** A folder of the engine's machine that the box gets, and the user who is to write in it. */
export interface SharedPath {
  readonly hostPath: string;
  /** Of the engine's machine. */
  readonly uid: number;
  readonly gid: number;
  /** The user's uid in the box, where the engine maps it to another one. */
  readonly boxUid?: number | undefined;
}

/** What matters of a file's status. */
export interface PathStatus {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** @param status undefined when it is not there, or not ours to see */
export function evaluateSharedPath(
  { hostPath, uid, gid, boxUid }: SharedPath,
  status: PathStatus | undefined,
): CheckResult[] {
  const whose = boxUid === undefined ? "as in the box" : `which the engine makes of the box's uid ${boxUid}`;
  const needed = `a folder that uid ${uid} (gid ${gid}) can write in, ${whose}`;
  const chown = `sudo chown ${uid}:${gid} ${quote(hostPath)}`;
  if (status === undefined) {
    return error(
      hostPath,
      "is not there, or may not be looked at",
      needed,
      `sudo install -d -o ${uid} -g ${gid} ${quote(hostPath)}`,
    );
  }
  if (mayWrite(status, uid, gid)) return passed(hostPath, `uid ${uid} can write in it`);
  return warning(
    hostPath,
    `belongs to uid ${status.uid}, gid ${status.gid}, mode ${(status.mode & 0o777).toString(8).padStart(4, "0")}`,
    needed,
    boxUid === undefined ? `${chown}, or give ssh.users the uid ${status.uid} and gid ${status.gid}` : chown,
  );
}

/** As the kernel decides: the owner's bits count for the owner, the group's for the group, the rest for others. */
function mayWrite(status: PathStatus, uid: number, gid: number): boolean {
  const shift = status.uid === uid ? 6 : status.gid === gid ? 3 : 0;
  return ((status.mode >> shift) & 0o3) === 0o3; // writing in a folder takes w and x
}
