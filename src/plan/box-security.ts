import { readFileSync } from "node:fs";
import type * as docker from "@pulumi/docker";
import type { Machine } from "../model/machine.ts";
import { newPrivileges } from "./new-privileges.ts";

/** What the box's programs need of root's powers. The names are as the engine gives them back, so that a refresh finds no change. */
const needed = [
  "CAP_AUDIT_WRITE", // sshd and sudo note logins
  "CAP_CHOWN", // apt, and homes that get their owner
  "CAP_DAC_OVERRIDE", // root handles the users' files
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL", // sshd and init end sessions of users
  "CAP_NET_BIND_SERVICE", // port 22
  "CAP_SETGID", // sshd, sudo and apt become other users
  "CAP_SETUID",
  "CAP_SYS_CHROOT", // sshd's confined half before a login
] as const;

/**
 * The engine's own seccomp profile (github.com/moby/profiles, seccomp v0.3.0) and what sandboxes such as bubblewrap call besides: user
 * namespaces, and mounts in them. The engine's AppArmor profile forbids those mounts.
 */
const userNamespacesProfile = (): string =>
  JSON.stringify(JSON.parse(readFileSync(new URL("user-namespaces-seccomp.json", import.meta.url), "utf8")));

/**
 * The engine's default profile without the capabilities that nothing here needs, MKNOD and NET_RAW among them, and with
 * those that the stack asks for. Setuid programs gain nothing where no user may use sudo.
 * Each point of the CIS benchmark is in docs/cis-docker.md.
 *
 * @param saysNewPrivileges see there
 */
export function securityOf(
  {
    users,
    capabilities,
    userNamespaces,
    limits: { ipc },
  }: Pick<Machine, "users" | "capabilities" | "userNamespaces" | "limits">,
  saysNewPrivileges: boolean,
): Pick<docker.ContainerArgs, "capabilities" | "securityOpts" | "ipcMode"> {
  const adds = [...new Set([...needed, ...capabilities])].sort();
  const wantsSudo = users.some(({ sudo }) => sudo);
  const options = [
    // The engine adds this by itself to a container with the machine's IPC; unsaid, it shows as a difference.
    ...(ipc === "host" ? ["label=disable"] : []),
    ...(wantsSudo ? [] : ["no-new-privileges"]),
    ...(wantsSudo && saysNewPrivileges ? [newPrivileges] : []),
    ...(userNamespaces ? ["apparmor=unconfined", `seccomp=${userNamespacesProfile()}`] : []),
  ];
  return {
    capabilities: { adds, drops: ["ALL"] },
    ipcMode: ipc,
    ...(options.length > 0 && { securityOpts: options }),
  };
}
