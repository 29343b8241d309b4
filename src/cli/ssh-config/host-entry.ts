import { sshWord } from "../../model/ssh-word.ts";
import type { BoxAccess } from "../../state/box-outputs.ts";

/** The first line of a box's block in ssh_config. */
export const beginOf = (name: string): string => `# >>> ${name}: written by npm run ssh-config`;
const endOf = (name: string): string => `# <<< ${name}`;

/**
 * The host entry of a box for ssh_config, between two marks.
 *
 * @param name of the box: what ssh calls it
 * @param hosts the known_hosts file with its host key
 * @param keys private keys that ssh does not find by itself
 */
export function hostBlock(name: string, box: BoxAccess, hosts: string, keys: readonly string[]): string {
  const options = [
    `HostName ${box.host}`,
    `Port ${box.port}`,
    `User ${box.user}`,
    `HostKeyAlias ${name}`,
    `UserKnownHostsFile ${sshWord(hosts)}`,
    "StrictHostKeyChecking yes",
    "UpdateHostKeys no",
    ...(box.jump === undefined ? [] : [`ProxyJump ${box.jump}`]),
    ...keys.map((key) => `IdentityFile ${sshWord(key)}`),
  ];
  return lines([beginOf(name), `Host ${name}`, ...options.map((option) => `  ${option}`), endOf(name)]);
}

/** The text without a box's block. */
export function withoutBlock(text: string, name: string): string {
  let isInside = false;
  return keepLines(text, (line) => {
    if (line === beginOf(name)) isInside = true;
    const isKept = !isInside;
    if (line === endOf(name)) isInside = false;
    return isKept;
  });
}

/** The line of a box in known_hosts: by its name for the host entry, and by its address. */
export const knownHost = (name: string, { host, port, hostKey }: BoxAccess): string =>
  `${name},[${host}]:${port} ${hostKey}\n`;

/** known_hosts without a box. */
export const withoutKnownHost = (text: string, name: string): string =>
  keepLines(text, (line) => !line.startsWith(`${name},`));

/** The text without the lines that are none to keep; the last one may lack its end, as it did. */
export const keepLines = (text: string, isKept: (line: string) => boolean): string =>
  text
    .split(/(?<=\n)/)
    .filter((line) => isKept(line.replace(/\n$/, "")))
    .join("");

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");
