import { stat } from "node:fs/promises";
import type { Machine, User } from "../../config/machine.ts";
import { quote } from "../../lib/quote.ts";
import { judgeSharedPath, type PathStatus } from "./host-paths.ts";
import { error, isWarning, type Verdict } from "./verdict.ts";

/** Whether the box's first user can use the folders of this machine that are the box's storage or mounted into it. */
export async function checkStorage({ storage, mounts, users: [user] }: Machine): Promise<Verdict[]> {
  const kept = storage.flatMap(({ hostPath, path }) => (hostPath === undefined ? [] : [{ hostPath, path }]));
  const others = mounts.filter(({ readOnly }) => !readOnly).map(({ host, path }) => ({ hostPath: host, path }));
  const look = (folder: string): Promise<PathStatus | undefined> => stat(folder).catch(() => undefined);
  const verdicts = await Promise.all([
    ...kept.map(async (one) => judgeStorage(one, user, await look(one.hostPath))),
    ...others.map(async ({ hostPath }) => judgeSharedPath({ hostPath, ...user }, await look(hostPath))),
  ]);
  return verdicts.flat();
}

/** What is a warning for another folder is an error here: the box could not start, or nobody could log in. */
export function judgeStorage(
  { hostPath, path }: { readonly hostPath: string; readonly path: string },
  user: User,
  status: PathStatus | undefined,
): Verdict[] {
  const owner = `${user.uid}:${user.gid}`;
  const verdicts = judgeSharedPath({ hostPath, ...user }, status);
  const refused = verdicts.filter(isWarning).map((one): Verdict => ({ ...one, severity: "error" }));
  if (refused.length > 0) return refused;
  const isOpen = status !== undefined && (status.uid !== user.uid || (status.mode & 0o022) !== 0);
  if (!path.startsWith("/home/") || !isOpen) return verdicts;
  return error(
    hostPath,
    "can be written to by others, or is another's",
    `a home of ${user.name}'s alone: SSH takes no keys from another one`,
    `sudo chown ${owner} ${quote(hostPath)} && sudo chmod go-w ${quote(hostPath)}`,
  );
}
