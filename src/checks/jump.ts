import { type CheckResult, error } from "../model/check-result.ts";
import type { Machine } from "../model/machine.ts";
import { destinationWords } from "../model/ssh-destination.ts";
import { askProgram } from "../process/run-program.ts";

/** Checks that the SSH server of the Docker host allows forwarding to the box's port. It is no problem that nothing listens there yet. */
export async function checkJump({ ssh: { jump, host, port } }: Pick<Machine, "ssh">): Promise<CheckResult[]> {
  if (jump === undefined) return [];
  const words = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-W", `${host}:${port}`, ...destinationWords(jump)];
  const { stderr } = await askProgram("ssh", words);
  if (!/administratively prohibited/.test(stderr)) return [];
  return error(
    "SSH",
    `the SSH server of ${jump} forbids forwarding to ${host}:${port}, which SSH to the box requires`,
    "AllowTcpForwarding yes (or local), and PermitOpen any, in its sshd_config",
    "set them there, then: sudo systemctl reload ssh; or publish SSH on an address of that host (benchbox:ssh.bind)",
  );
}
