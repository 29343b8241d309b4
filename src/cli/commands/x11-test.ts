import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../model/quote.ts";
import { UserError } from "../../model/user-error.ts";
import { askProgram } from "../../process/run-program.ts";
import { hasXauth, shareDisplay, xauthMissing } from "../../resources/share-display.ts";
import { boxOutputs } from "../../state/box-outputs.ts";
import { boxName } from "../../state/project.ts";
import { exitWith, stackCommand } from "../stack-command.ts";
import { connectionFailed, sshWords } from "./ssh.ts";

/** The time limit: long enough to ask each Python in the box for OpenCV. */
const seconds = 300;

export default stackCommand("x11-test")
  .summary("test whether the box can open windows")
  .description(
    "open windows from the box on each of the stack's displays, and report that it works, or what is missing and how to add it",
  )
  .argument("[python]", "a Python in the box that has OpenCV (default: the first one found)")
  .action(exitWith(testWindows));

async function testWindows(stack: string, python = ""): Promise<number> {
  const { x11 } = await boxOutputs(stack);
  const { DISPLAY: display = "" } = process.env;
  const open = (options: readonly string[]) => openWindows(stack, python, options);
  const results = [
    await attempt(`Over SSH (ssh -X), to this host's display ${display}:`, async () => {
      await requireDisplay(display);
      return open(["-X"]);
    }),
  ];
  if (x11.socket) {
    const share = async () => {
      await shareDisplay(boxName(stack));
      return open([]);
    };
    results.push(await attempt("On this host's screen (benchbox:x11.socket):", share));
  } else if (x11.server) {
    results.push(await attempt("On the box's own X server (benchbox:x11.server):", () => open([])));
  }
  return results.includes(false) ? 1 : 0;
}

/** Prints the result for one display. @returns whether it works */
async function attempt(title: string, open: () => Promise<WindowReport>): Promise<boolean> {
  console.log(title);
  const { isOk, lines } = await open().catch((error: unknown) => {
    if (error instanceof UserError) return failed(error.message);
    throw error;
  });
  for (const line of lines) console.log(`  ${line}`);
  return isOk;
}

const failed = (line: string): WindowReport => ({ isOk: false, lines: [line] });

async function requireDisplay(display: string): Promise<void> {
  if (display === "") {
    throw new UserError(
      "DISPLAY is not set here\n    Fix: run this in a session on this host's screen, or connect to this host with ssh -X",
    );
  }
  if (!(await hasXauth())) throw new UserError(xauthMissing);
}

/** Opens windows from a separate SSH session. @param options options of ssh, such as -X */
async function openWindows(stack: string, python: string, options: readonly string[]): Promise<WindowReport> {
  const script = readFileSync(join(import.meta.dirname, "../open-windows.sh"), "utf8");
  const words = [...(await sshWords(stack)), ...options, `bash -s -- ${quote(python)}`];
  const { stdout, stderr, exitCode, incomplete } = await askProgram("ssh", words, { stdin: script, seconds });
  if (incomplete !== undefined) return failed(`ssh ${incomplete}`);
  if (exitCode === connectionFailed) return failed(`no SSH session: ${stderr.split("\n").at(-1)}`);
  // The session may then have the box's own display, and windows would open there.
  if (options.length > 0 && isForwardingRefused(stderr)) return failed(noDisplay(stderr, "it is not forwarded"));
  return reportWindows(stack, stdout, stderr);
}

/** The result of an attempt to open windows. */
interface WindowReport {
  readonly isOk: boolean;
  readonly lines: readonly string[];
}

/**
 * @param findings what `open-windows.sh` printed in the box
 * @param errors what ssh printed
 */
export function reportWindows(stack: string, findings: string, errors: string): WindowReport {
  const texts: Readonly<Record<string, (what: string, more: string) => string>> = {
    opened: (what) => `${what}: works`,
    missing: (what, packages) =>
      `${what} is missing in the box\n    Fix: add "${packages}" to build.packages in user_config.yml, then: npm run up -- ${stack}`,
    "no-display": (reason) => noDisplay(errors, reason),
    failed: (what, reason) => `${what} failed to open a window: ${reason}`,
    none: () =>
      `no Python with OpenCV found in the box; to test one: npm run x11-test -- ${stack} /path/in/the/box/bin/python`,
  };
  const found = findings.split("\n").map((line) => line.split("\t"));
  const lines = found.flatMap(([kind = "", what = "", more = ""]) => texts[kind]?.(what, more) ?? []);
  const has = (...kinds: readonly string[]): boolean => found.some(([kind = ""]) => kinds.includes(kind));
  if (has("missing", "no-display", "failed")) return { isOk: false, lines };
  const isOk = has("opened");
  return { isOk, lines: [...lines, isOk ? "works" : "the box did not answer"] };
}

/** Whether ssh reports that the box's SSH server refused `ssh -X`. */
const isForwardingRefused = (errors: string): boolean => /^X11 forwarding request failed/m.test(errors);

/** @param reason why, as the box reports it */
function noDisplay(errors: string, reason: string): string {
  const refusal =
    "the box's SSH server refused X11 forwarding (X11Forwarding or X11UseLocalhost in its sshd_config, or xauth there); ";
  return `no display: ${isForwardingRefused(errors) ? refusal : ""}${reason}`;
}
