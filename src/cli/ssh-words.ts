import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sshWord } from "../model/ssh-word.ts";
import { ownKeys } from "../observe/own-keys.ts";
import { boxOutputs } from "../state/box-outputs.ts";
import { projectFolder } from "../state/project.ts";

/** Exit code of ssh if the connection failed; any other is the command's. */
export const connectionFailed = 255;

/**
 * The arguments of `ssh` that open a stack's box and check its host key against the stack's.
 *
 * @throws UserError when the stack is not up
 */
export async function sshWords(stack: string): Promise<string[]> {
  const { host, port, user, jump, hostKey } = (await boxOutputs(stack)).ssh;
  const knownHosts = join(projectFolder, `.state/known_hosts.${stack}`);
  writeFileSync(knownHosts, `[${host}]:${port} ${hostKey}\n`);
  return [
    ...["-o", `UserKnownHostsFile=${sshWord(knownHosts)}`, "-o", "StrictHostKeyChecking=yes"],
    ...ownKeys().flatMap((key) => ["-i", key]),
    ...(jump === undefined ? [] : ["-J", jump]),
    ...["-p", String(port), `${user}@${host}`],
  ];
}
