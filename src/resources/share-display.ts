#!/usr/bin/env node
import { lstatSync } from "node:fs";
import { UserError } from "../model/user-error.ts";
import { x11Sockets } from "../model/x11.ts";
import { docker, inspect } from "../observe/docker.ts";
import { runCommand } from "../process/run-command.ts";
import { askProgram } from "../process/run-program.ts";

interface BoxContainer {
  readonly Mounts: readonly { readonly Destination: string }[];
}

/** The reason to report when this host has no `xauth`. */
export const xauthMissing = "xauth is not installed here (on Debian and Ubuntu: sudo apt-get install xauth)";

/**
 * Gives a box the cookie of this host's screen, if the box mounts the socket of its X server (benchbox:x11.socket). The cookie changes with
 * each login, so it is not part of the stack: each start of the box, each `npm run up` and `npm run x11` copy it into the box.
 *
 * @param isQuiet prints a missing screen, for example in an SSH session, to standard error instead of throwing an error
 * @throws UserError when the screen cannot be shared
 */
export async function shareDisplay(container: string, { isQuiet = false } = {}): Promise<void> {
  const [box] = await inspect<BoxContainer>("container", [container]);
  if (!box?.Mounts.some(({ Destination }) => Destination === x11Sockets)) return;
  const display = process.env.DISPLAY ?? "";
  const number = displayNumber(display);
  const reason = whyNoScreen(display, number) ?? ((await hasXauth()) ? undefined : xauthMissing);
  if (reason === undefined) return copyCookie(container, display, `:${number}`);
  if (!isQuiet) throw new UserError(reason);
  console.error(
    `benchbox: this host's screen is not shared with the box: ${reason}\n  Fix: in a session on that screen: npm run x11`,
  );
}

/** The number of a screen of this host; undefined for a screen of another host, such as the display of `ssh -X`. */
export const displayNumber = (display: string): string | undefined => /^(?:unix)?:(\d+)(?:\.\d+)?$/.exec(display)?.[1];

function whyNoScreen(display: string, number: string | undefined): string | undefined {
  if (display === "") return "DISPLAY is not set here";
  if (number === undefined) return `DISPLAY is ${display} here, which is not a screen of this host (such as :0 or :1)`;
  const socket = lstatSync(`${x11Sockets}/X${number}`, { throwIfNoEntry: false });
  return socket?.isSocket() ? undefined : `DISPLAY is ${display} here, and ${x11Sockets} has no socket X${number}`;
}

/** Whether this host has `xauth`. */
export const hasXauth = async (): Promise<boolean> => (await askProgram("xauth", ["-V"])).startError === undefined;

async function copyCookie(container: string, display: string, number: string): Promise<void> {
  const cookies = await askProgram("xauth", ["nextract", "-", display]);
  if (!cookies.ok) throw new UserError(`reading the cookie of ${display} failed: ${cookies.stderr}`);
  const { ok, stderr } = await docker(
    ["exec", "--interactive", container, "/usr/local/lib/benchbox/x11", "host", number],
    { stdin: asWild(cookies.stdout), seconds: 60 },
  );
  if (!ok) throw new UserError(`sharing the screen ${display} failed: ${stderr.replace(/^benchbox: /, "")}`);
}

/** Entries of `xauth nextract`, changed to match any host name (family "wild"), since the box's name differs. */
export const asWild = (entries: string): string => entries.replace(/^..../gm, "ffff");

if (import.meta.main) {
  runCommand(async () => {
    const [container = "", option] = process.argv.slice(2);
    await shareDisplay(container, { isQuiet: option === "--quiet" });
    return 0;
  });
}
