import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sshWord } from "../model/ssh-word.ts";
import { ownKeys } from "../observe/own-keys.ts";
import { type BoxAccess, boxOutputs } from "../state/box-outputs.ts";
import { projectFolder } from "../state/project.ts";

/** ssh's own exit code; any other one is the command's. */
export const connectionFailed = 255;

/**
 * The words after `ssh` that open a stack's box, with its host key checked against the stack's.
 *
 * @throws UserError when the stack is not up
 */
export async function sshWords(stack: string): Promise<string[]> {
  const { ssh } = await boxOutputs(stack);
  const knownHosts = join(projectFolder, `.state/known_hosts.${stack}`);
  writeFileSync(knownHosts, `[${ssh.host}]:${ssh.port} ${ssh.hostKey}\n`);
  return wordsFor(ssh, knownHosts, ownKeys());
}

function wordsFor({ host, port, user, jump }: BoxAccess, knownHosts: string, keys: readonly string[]): string[] {
  return [
    ...["-o", `UserKnownHostsFile=${sshWord(knownHosts)}`, "-o", "StrictHostKeyChecking=yes"],
    ...keys.flatMap((key) => ["-i", key]),
    ...(jump === undefined ? [] : ["-J", jump]),
    ...["-p", String(port), `${user}@${host}`],
  ];
}
