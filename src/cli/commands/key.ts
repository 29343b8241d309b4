import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../../model/user-error.ts";
import { docker } from "../../observe/docker.ts";
import { askProgram } from "../../process/run-program.ts";
import { boxOutputs } from "../../state/box-outputs.ts";
import { boxName, userFolder } from "../../state/project.ts";
import type { GuestKey, KeysReport } from "../documents.ts";
import { createCommand, stackCommand } from "../stack-command.ts";
import { printJson } from "../ui/output.ts";

/**
 * Public keys of guests: lines of the user's ~/.ssh/authorized_keys, which is in the volume of the home, so a replaced container keeps
 * them. sshd itself refuses an expired key (`expiry-time` in `man 8 sshd`). The stack's own keys are other lines of the same file.
 */

const add = stackCommand("add")
  .summary("let a public key log in, for a limited time if wanted")
  .argument("<key>", "a public key, or a file with one")
  .option(
    "--until <date>",
    "the last day (in the time zone of the box) on which the key can log in, for example 2026-12-24",
  )
  .option("--user <name>", "the box's user (default: the first of user_config.yml)")
  .action(addKey);

const list = stackCommand("list")
  .summary("list the keys that were added")
  .option("--user <name>", "the box's user (default: the first of user_config.yml)")
  .option("--json", "print the list as JSON")
  .action(listKeys);

const remove = stackCommand("remove")
  .summary("remove a key that was added")
  .argument("<key>", "the key's comment, its text, or a file with it")
  .option("--user <name>", "the box's user (default: the first of user_config.yml)")
  .action(removeKey);

export default createCommand("key")
  .summary("let a colleague's public key into the box")
  .description("let a colleague's public key into the box, for a limited time if wanted; the box keeps running")
  .addCommand(add)
  .addCommand(list)
  .addCommand(remove);

/** Marks the line of a guest's key; the stack's own lines end with another mark (image/box/write-authorized-keys). */
const mark = "[benchbox guest]";

async function addKey(stack: string, given: string, options: { until?: string; user?: string }): Promise<void> {
  const until = options.until === undefined ? undefined : lastDay(options.until);
  const { key, comment } = await readKey(given);
  const user = await userOf(stack, options.user);
  const keys = await readKeys(stack, user);
  await writeKeys(stack, user, [...keys.filter((one) => one.key !== key), { key, comment, until }]);
  console.log(
    `${comment || "the key"} can log in as ${user} until ${until === undefined ? "it is removed" : `the end of ${until}`}`,
  );
}

async function listKeys(stack: string, { user, json }: { user?: string; json?: boolean }): Promise<void> {
  const keys = await readKeys(stack, await userOf(stack, user));
  if (json) return printJson({ version: 1, stack, keys } satisfies KeysReport);
  if (keys.length === 0) console.log(`no keys were added to the box ${stack}`);
  for (const { key, comment, until } of keys) {
    const end = until !== undefined && until < today() ? "  expired" : "";
    console.log(`${until ?? "no end    "}  ${comment || key.slice(0, 40)}${end}`);
  }
}

async function removeKey(stack: string, given: string, options: { user?: string }): Promise<void> {
  const user = await userOf(stack, options.user);
  const keys = await readKeys(stack, user);
  const isMeant = ({ key, comment }: GuestKey): boolean => comment === given || key === textOf(given)?.key;
  const kept = keys.filter((one) => !isMeant(one));
  if (kept.length === keys.length)
    throw new UserError(`no such key was added to the box ${stack}; see: npm run key -- list ${stack}`);
  await writeKeys(stack, user, kept);
  console.log(`removed ${keys.length - kept.length} of ${keys.length} keys; open sessions stay open`);
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** @throws UserError when it is no date, or is past */
function lastDay(text: string): string {
  const date = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text)
    throw new UserError(`--until ${text} must be a date, for example ${today()}`);
  if (text < today()) throw new UserError(`--until ${text} is past; today is ${today()}`);
  return text;
}

/** The public key in a text of one line, without options. */
function parseKey(text: string): GuestKey | undefined {
  const [, key, comment] = /^((?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/]+=*)(?: +(.*))?$/.exec(text.trim()) ?? [];
  return key === undefined ? undefined : { key, comment: comment?.trim() ?? "" };
}

/** The same, or that of a file. */
function textOf(given: string): GuestKey | undefined {
  const file = resolve(userFolder, given);
  return parseKey(given) ?? (existsSync(file) ? parseKey(readFileSync(file, "utf8")) : undefined);
}

async function readKey(given: string): Promise<GuestKey> {
  const key = textOf(given);
  if (key !== undefined) {
    const { ok } = await askProgram("ssh-keygen", ["-l", "-f", "-"], { stdin: `${key.key}\n` });
    if (ok) return key;
    throw new UserError("this public key is incomplete or damaged: ssh-keygen cannot read it");
  }
  if (given.includes("PRIVATE KEY") || (existsSync(resolve(userFolder, given)) && !given.endsWith(".pub")))
    throw new UserError("this is not a public key; name the file that ends with .pub");
  throw new UserError(
    "this is neither a public key, for example `ssh-ed25519 AAAA... name@host`, nor a file with one line of that form",
  );
}

async function userOf(stack: string, user: string | undefined): Promise<string> {
  return user ?? (await boxOutputs(stack)).ssh.user;
}

const expiry = /expiry-time="(\d{4})(\d\d)(\d\d)(?:235959)?" /;

async function readKeys(stack: string, user: string): Promise<GuestKey[]> {
  const script = "cat ~/.ssh/authorized_keys 2>/dev/null || [ ! -e ~/.ssh/authorized_keys ]";
  const text = await inBox(stack, user, script, undefined);
  return text
    .split("\n")
    .filter((line) => line.endsWith(mark))
    .flatMap((line) => {
      const [, year, month, day] = expiry.exec(line) ?? [];
      const key = parseKey(line.slice(0, -mark.length).replace(expiry, ""));
      return key === undefined ? [] : [{ ...key, until: year && `${year}-${month}-${day}` }];
    });
}

/** Replaces the guests' lines, in a new file that takes the old one's place at once. */
async function writeKeys(stack: string, user: string, keys: readonly GuestKey[]): Promise<void> {
  const lines = keys.map(({ key, comment, until }) => {
    const option = until === undefined ? "" : `expiry-time="${until.replaceAll("-", "")}235959" `;
    return `${option}${[key, comment, mark].filter(Boolean).join(" ")}\n`;
  });
  const script = `set -eu; umask 077; mkdir -p ~/.ssh; cd ~/.ssh; staged=$(mktemp authorized_keys.XXXXXX)
    if [ -f authorized_keys ]; then awk -v mark="$1" 'substr($0, length($0) - length(mark) + 1) != mark' authorized_keys >"$staged"; fi
    cat >>"$staged"; mv "$staged" authorized_keys`;
  await inBox(stack, user, script, lines.join(""));
}

async function inBox(stack: string, user: string, script: string, stdin: string | undefined): Promise<string> {
  const interactive = stdin === undefined ? [] : ["--interactive"];
  const words = ["exec", ...interactive, "--user", user, "--env", `HOME=/home/${user}`, boxName(stack)];
  const { ok, stdout, stderr } = await docker([...words, "sh", "-c", script, "sh", mark], { stdin });
  if (!ok)
    throw new UserError(
      `the keys of ${user} in the box ${stack} are not accessible: ${stderr}\n  Fix: npm run up -- ${stack}`,
    );
  return stdout;
}
