import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../../model/quote.ts";
import { sshWord } from "../../model/ssh-word.ts";
import { UserError } from "../../model/user-error.ts";
import { namesIn } from "../../observe/host-files.ts";
import { isRunning } from "../../observe/is-running.ts";
import { ownKeys } from "../../observe/own-keys.ts";
import { runProgram } from "../../process/run-program.ts";
import { boxOutputs } from "../../state/box-outputs.ts";
import { useDockerHost } from "../../state/docker-host.ts";
import { boxName, projectFolder, requireStack } from "../../state/project.ts";
import { createCommand, exitWith } from "../stack-command.ts";

/** Exit code of ssh if the connection failed; any other is the command's. */
export const connectionFailed = 255;

export default createCommand("ssh")
  .summary("open a shell in the box, or run a command there")
  .description("open a shell in the box, or run a command there; its host key is checked against the stack's")
  .usage("[stack] [ssh-options] [command...]")
  .argument("[words...]", "the STACK of Pulumi.STACK.yaml (default: sandbox), then arguments of ssh")
  .addHelpText("after", "\nExit code: the command's; 255 if the connection failed")
  .allowUnknownOption()
  .passThroughOptions()
  .action(exitWith(openBox));

/** Splits off the stack, which is the first word, or sandbox if the first word is an option of ssh. */
export function splitStack(words: readonly string[]): [stack: string, rest: readonly string[]] {
  const [first = "-"] = words;
  return first.startsWith("-") ? ["sandbox", words] : [first, words.slice(1)];
}

async function openBox(given: readonly string[]): Promise<number> {
  const [stack, rest] = splitStack(given);
  requireStack(stack);
  const code = await runProgram("ssh", [...(await sshWords(stack)), ...rest]);
  if (code !== connectionFailed) return code;
  useDockerHost(stack); // only now, so that a session does not wait for it
  if (await isRunning(boxName(stack))) return code;
  throw new UserError(`the box ${stack} is not running\n  Fix: npm run up -- ${stack}`);
}

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

/** Prints how to open the box of a stack; the end of `up`. */
export async function describeAccess(stack: string): Promise<void> {
  const option = stack === "sandbox" ? "" : ` -- ${stack}`;
  const hasKey = namesIn(join(homedir(), ".ssh"), /^id_.*\.pub$/).length > 0;
  const withoutKey = `
You have no key in ~/.ssh, so SSH asks for the password of user_config.yml.
To log in with a key: ssh-keygen -t ed25519, then npm run up${option}
`;
  console.log(`
The box ${stack} is up. To open it:

  npm run ssh${option}

or, from anywhere on this host:

  ${commandLine(["ssh", ...(await sshWords(stack))])}

For VSCode, PyCharm and plain \`ssh ${boxName(stack)}\`: npm run ssh-config${option}
${hasKey ? "" : withoutKey}`);
}
