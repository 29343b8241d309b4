import { readFileSync } from "node:fs";
import type * as docker from "@pulumi/docker";
import type { Machine } from "../model/machine.ts";
import { newPrivileges } from "./new-privileges.ts";

/** The capabilities that the box's programs need. Spelled as the Docker Engine reports them, so that a refresh finds no change. */
const needed = [
  "CAP_AUDIT_WRITE", // sshd and sudo log logins
  "CAP_CHOWN", // apt, and the ownership of homes
  "CAP_DAC_OVERRIDE", // root reads and writes the users' files
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL", // sshd and init end users' sessions
  "CAP_NET_BIND_SERVICE", // port 22
  "CAP_SETGID", // sshd, sudo and apt become other users
  "CAP_SETUID",
  "CAP_SYS_CHROOT", // sshd's unprivileged process before a login
] as const;

/**
 * The Docker Engine's default seccomp profile (github.com/moby/profiles, seccomp v0.3.0), plus the system calls that sandboxes such as
 * bubblewrap need: user namespaces, and mounts in them. The Docker Engine's AppArmor profile forbids those mounts.
 */
const userNamespacesProfile = (): string =>
  JSON.stringify(JSON.parse(readFileSync(new URL("user-namespaces-seccomp.json", import.meta.url), "utf8")));

/**
 * The Docker Engine's defaults without the capabilities that nothing in the box needs, MKNOD and NET_RAW among them, plus the
 * capabilities that the stack lists. Setuid programs gain no privileges where no user may use sudo.
 * docs/cis-docker.md covers each point of the CIS benchmark.
 *
 * @param setsNewPrivileges see `setsNewPrivileges` in new-privileges.ts
 */
export function securityOf(
  {
    users,
    capabilities,
    userNamespaces,
    security: { seccomp, apparmor, privileged },
    pid,
    limits: { ipc },
  }: Pick<Machine, "users" | "capabilities" | "userNamespaces" | "security" | "pid" | "limits">,
  setsNewPrivileges: boolean,
): Pick<docker.ContainerArgs, "capabilities" | "securityOpts" | "ipcMode" | "pidMode" | "privileged"> {
  const adds = [...new Set([...needed, ...capabilities])].sort();
  const wantsSudo = users.some(({ sudo }) => sudo);
  const options = [
    // The Docker Engine adds this to a container that shares such a namespace or is privileged; if omitted, it shows up as a difference.
    ...(ipc === "host" || pid === "host" || privileged ? ["label=disable"] : []),
    ...(wantsSudo ? [] : ["no-new-privileges"]),
    ...(wantsSudo && setsNewPrivileges ? [newPrivileges] : []),
    ...(userNamespaces ? ["apparmor=unconfined", `seccomp=${userNamespacesProfile()}`] : []),
    ...(apparmor === undefined ? [] : [`apparmor=${apparmor}`]),
    ...(seccomp === undefined ? [] : [`seccomp=${seccomp}`]),
  ];
  return {
    capabilities: { adds, drops: ["ALL"] },
    ipcMode: ipc,
    ...(pid === "host" && { pidMode: pid }),
    ...(privileged && { privileged }),
    ...(options.length > 0 && { securityOpts: options }),
  };
}
