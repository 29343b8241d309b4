import { type CheckResult, error } from "../model/check-result.ts";
import type { Machine } from "../model/machine.ts";
import { destinationWords } from "../model/ssh-destination.ts";
import { askProgram } from "../process/run-program.ts";

/** Whether the SSH server of the engine's machine forwards to where the box will be. Nothing listens there yet, and that is no fault. */
export async function checkJump({ ssh: { jump, host, port } }: Pick<Machine, "ssh">): Promise<CheckResult[]> {
  if (jump === undefined) return [];
  const words = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-W", `${host}:${port}`, ...destinationWords(jump)];
  const { stderr } = await askProgram("ssh", words);
  if (!/administratively prohibited/.test(stderr)) return [];
  return error(
    "SSH",
    `the SSH server of ${jump} forbids forwarding to ${host}:${port}, by which the box is reached`,
    "AllowTcpForwarding yes (or local), and PermitOpen any, in its sshd_config",
    `set it there, then: sudo systemctl reload ssh; or publish SSH on an address of that machine (benchbox:ssh.bind)`,
  );
}
