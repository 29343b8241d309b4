import { stat, statfs } from "node:fs/promises";
import { type CheckResult, error, isWarning, notVisible } from "../model/check-result.ts";
import { hostId, type IdMaps } from "../model/id-map.ts";
import type { Machine, User } from "../model/machine.ts";
import { quote } from "../model/quote.ts";
import { evaluateSharedPath, type PathStatus, type SharedPath } from "./host-paths.ts";

/**
 * Checks that the box's users can use the folders of this host that are the box's storage or mounts: each user the own home, and the
 * first user all others.
 *
 * @param ids undefined where the id mapping of the Docker Engine is not visible
 */
export async function checkStorage(
  { storage, mounts, users }: Pick<Machine, "storage" | "mounts" | "users">,
  ids: IdMaps | undefined,
): Promise<CheckResult[]> {
  const kept = storage.flatMap(({ hostPath, path, key }) => {
    const user = users.find(({ name }) => key === `home-${name}`) ?? users[0];
    return hostPath === undefined ? [] : [{ hostPath, path, owner: ids && ownerOf(user, ids) }];
  });
  const others = mounts.flatMap((one) => ("host" in one && !one.readOnly ? [{ hostPath: one.host }] : []));
  const first = ids && ownerOf(users[0], ids);
  const inspect = async (path: string): Promise<PathStatus | undefined> => {
    try {
      const { uid, gid, mode } = await stat(path);
      return { uid, gid, mode, isNfs: (await statfs(path)).type === nfsType };
    } catch {
      return undefined;
    }
  };
  const results = await Promise.all([
    ...kept.map(async ({ owner, ...one }) =>
      owner ? evaluateStorage(one, owner, await inspect(one.hostPath)) : notVisible(one.hostPath),
    ),
    ...others.map(async ({ hostPath }) =>
      first ? evaluateSharedPath({ hostPath, ...first }, await inspect(hostPath)) : notVisible(hostPath),
    ),
  ]);
  return results.flat();
}

/** NFS_SUPER_MAGIC; see statfs(2). */
const nfsType = 0x6969;

/** The box's user with the ids on the Docker host; undefined where the Docker Engine maps no id to them. */
function ownerOf({ name, uid, gid }: User, { uids, gids }: IdMaps): Owner | undefined {
  const [hostUid, hostGid] = [hostId(uid, uids), hostId(gid, gids)];
  if (hostUid === undefined || hostGid === undefined) return undefined;
  return { name, uid: hostUid, gid: hostGid, ...(hostUid !== uid && { boxUid: uid }) };
}

interface Owner extends Omit<SharedPath, "hostPath"> {
  readonly name: string;
}

/** Warnings of `evaluateSharedPath` are errors here, because the box could not start, or nobody could log in. */
export function evaluateStorage(
  { hostPath, path }: { readonly hostPath: string; readonly path: string },
  owner: Owner,
  status: PathStatus | undefined,
): CheckResult[] {
  const { name, uid, gid } = owner;
  const results = evaluateSharedPath({ hostPath, ...owner }, status);
  const refused = results.filter(isWarning).map((one): CheckResult => ({ ...one, severity: "error" }));
  if (refused.length > 0) return refused;
  const isOpen = status !== undefined && (status.uid !== uid || (status.mode & 0o022) !== 0);
  if (!path.startsWith("/home/") || !isOpen) return results;
  return error(
    hostPath,
    "is writable by others, or belongs to another user",
    `a home that belongs to ${name} and that only ${name} can write to: otherwise SSH ignores its keys`,
    `sudo chown ${uid}:${gid} ${quote(hostPath)} && sudo chmod go-w ${quote(hostPath)}`,
  );
}
