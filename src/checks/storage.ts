import { stat } from "node:fs/promises";
import { type CheckResult, error, isWarning, notVisible } from "../model/check-result.ts";
import { hostId, type IdMaps } from "../model/id-map.ts";
import type { Machine, User } from "../model/machine.ts";
import { quote } from "../model/quote.ts";
import { evaluateSharedPath, type PathStatus, type SharedPath } from "./host-paths.ts";

/**
 * Whether the box's first user can use the folders of this machine that are the box's storage or mounted into it.
 *
 * @param ids undefined where it cannot be seen which user of this machine that is
 */
export async function checkStorage(
  { storage, mounts, users: [user] }: Machine,
  ids: IdMaps | undefined,
): Promise<CheckResult[]> {
  const kept = storage.flatMap(({ hostPath, path }) => (hostPath === undefined ? [] : [{ hostPath, path }]));
  const others = mounts.filter(({ readOnly }) => !readOnly).map(({ host }) => ({ hostPath: host }));
  const owner = ids && ownerOf(user, ids);
  if (owner === undefined) return [...kept, ...others].flatMap(({ hostPath }) => notVisible(hostPath));
  const look = (folder: string): Promise<PathStatus | undefined> => stat(folder).catch(() => undefined);
  const results = await Promise.all([
    ...kept.map(async (one) => evaluateStorage(one, owner, await look(one.hostPath))),
    ...others.map(async ({ hostPath }) => evaluateSharedPath({ hostPath, ...owner }, await look(hostPath))),
  ]);
  return results.flat();
}

/** The box's user as the engine's machine knows them; undefined where the engine has no id for them. */
function ownerOf({ name, uid, gid }: User, { uids, gids }: IdMaps): Owner | undefined {
  const [hostUid, hostGid] = [hostId(uid, uids), hostId(gid, gids)];
  if (hostUid === undefined || hostGid === undefined) return undefined;
  return { name, uid: hostUid, gid: hostGid, ...(hostUid !== uid && { boxUid: uid }) };
}

interface Owner extends Omit<SharedPath, "hostPath"> {
  readonly name: string;
}

/** What is a warning for another folder is an error here: the box could not start, or nobody could log in. */
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
    "can be written to by others, or is another's",
    `a home of ${name}'s alone: SSH takes no keys from another one`,
    `sudo chown ${uid}:${gid} ${quote(hostPath)} && sudo chmod go-w ${quote(hostPath)}`,
  );
}
