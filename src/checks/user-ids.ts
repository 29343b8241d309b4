import { type CheckResult, error } from "../model/check-result.ts";
import { hostId, type IdMaps } from "../model/id-map.ts";
import type { User } from "../model/machine.ts";

/**
 * Checks that the Docker Engine can give the users their ids: a rootless one, or one with `userns-remap`, has only as many as the host's
 * /etc/subuid and /etc/subgid grant it, by default 65536.
 *
 * @param ids undefined where the id mapping of the Docker Engine is not visible
 */
export function evaluateUserIds(
  users: readonly Pick<User, "name" | "uid" | "gid">[],
  ids: IdMaps | undefined,
): CheckResult[] {
  if (ids === undefined) return [];
  return users.flatMap(({ name, uid, gid }) => {
    const unmapped = [
      ...(hostId(uid, ids.uids) === undefined ? [`uid ${uid}`] : []),
      ...(hostId(gid, ids.gids) === undefined ? [`gid ${gid}`] : []),
    ];
    if (unmapped.length === 0) return [];
    return error(
      `user ${name}`,
      `the Docker Engine maps no ids that high: ${unmapped.join(", ")}`,
      "ids within the ranges that /etc/subuid and /etc/subgid of the Docker host grant to the engine",
      "choose lower ids in ssh.users, or grant larger ranges there and restart the engine",
    );
  });
}
