import { createHash } from "node:crypto";

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Above the ids that distributions give to users, and below those that Debian's policy reserves. */
const lowest = 10_000;
const count = 50_000;

/**
 * The ids of each user. A user without `uid` gets one that follows from the name, or the next free one. So it is the same in every box,
 * and neither the order of the list nor another user changes it. A user without `gid` gets a group with the number of the uid. Pure.
 */
export function assignIds(
  users: readonly { readonly name: string; readonly uid?: number | undefined; readonly gid?: number | undefined }[],
): Ids[] {
  const taken = new Set(users.flatMap(({ uid, gid }) => [uid, gid]));
  const uids = new Map<string, number>();
  for (const { name, uid } of [...users].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = uid ?? nextFree(name, taken);
    taken.add(own);
    uids.set(name, own);
  }
  return users.map(({ name, gid }) => {
    const uid = uids.get(name) as number;
    return { uid, gid: gid ?? uid };
  });
}

function nextFree(name: string, taken: ReadonlySet<number | undefined>): number {
  const start = createHash("sha256").update(name).digest().readUInt32BE(0) % count;
  for (let step = 0; step < count; step++) {
    const id = lowest + ((start + step) % count);
    if (!taken.has(id)) return id;
  }
  throw new Error("all user ids are taken");
}
