import { stat } from "node:fs/promises";
import type { Machine, User } from "../config/machine.ts";
import { isRemoteEngine } from "../lib/engine-address.ts";
import { quote } from "../lib/quote.ts";

/** Whom a folder belongs to and who may write to it. */
export interface FolderRights {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** What of the folders that are the box's storage its user could not use, a sentence each. Another machine's cannot be seen. */
export async function checkStorage({ storage, users, dockerHost }: Machine): Promise<string[]> {
  if (isRemoteEngine(dockerHost ?? process.env.DOCKER_HOST)) return [];
  const found = await Promise.all(
    storage.map(async ({ hostPath, path }) => {
      if (hostPath === undefined) return [];
      const rights = await stat(hostPath).catch(() => undefined);
      return rights === undefined ? [] : folderProblems(rights, users[0], hostPath, path);
    }),
  );
  return found.flat();
}

/** Pure. @param folder on the machine @param path in the box */
export function folderProblems(rights: FolderRights, user: User, folder: string, path: string): string[] {
  const mode = (rights.mode & 0o7777).toString(8).padStart(4, "0");
  const found = `${folder}, which is to be the box's ${path}, belongs to ${rights.uid}:${rights.gid} with mode ${mode}`;
  if (!mayWrite(rights, user)) {
    return [
      `${found}: ${user.name} (${user.uid}:${user.gid}) may not write there. sudo chown ${user.uid}:${user.gid} ${quote(folder)}`,
    ];
  }
  if (!path.startsWith("/home/")) return [];
  if (rights.uid !== user.uid || (rights.mode & 0o022) !== 0) {
    return [
      `${found}: SSH takes no keys from a home that others may write to. ` +
        `sudo chown ${user.uid}:${user.gid} ${quote(folder)} && sudo chmod go-w ${quote(folder)}`,
    ];
  }
  return [];
}

/** To write to a folder is to make files in it, for which it must be entered, too. */
function mayWrite({ uid, gid, mode }: FolderRights, user: User): boolean {
  const bits = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode;
  return (bits & 0o3) === 0o3;
}
