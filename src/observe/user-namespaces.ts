import { docker } from "./docker.ts";

/** Why a user of the box cannot create a user namespace and mount in it, as sandboxes do; undefined when that works. */
export async function userNamespacesFault(box: string, user: string): Promise<string | undefined> {
  const command = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
  const { ok, stderr } = await docker(["exec", "--user", user, box, ...command]);
  return ok ? undefined : stderr;
}
