import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../model/quote.ts";
import { UserError } from "../../model/user-error.ts";
import { askProgram } from "../../process/run-program.ts";
import { hasXauth, shareDisplay, xauthMissing } from "../../resources/share-display.ts";
import { boxOutputs } from "../../state/box-outputs.ts";
import { boxName } from "../../state/project.ts";
import { connectionFailed, sshWords } from "../ssh-words.ts";
import { exitWith, stackCommand } from "../stack-command.ts";
import { isForwardingRefused, noDisplay, reportWindows, type WindowReport } from "../x11-report.ts";

/** Long enough for each Python of the box to be asked for OpenCV. */
const seconds = 300;

export default stackCommand("x11-test")
  .summary("open windows from the box, and print what is missing")
  .description(
    "open windows from the box in each way that the stack has, and print that it works, or what is missing and how to add it",
  )
  .argument("[python]", "a Python in the box that has OpenCV; by default the first one found")
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

/** Prints what there is to report of one way. @returns whether it works */
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
      "DISPLAY is not set here: run this from a session on this host's screen, or connect to this host by ssh -X",
    );
  }
  if (!(await hasXauth())) throw new UserError(xauthMissing);
}

/** Tries it in a session of its own. @param options of ssh: whether it forwards */
async function openWindows(stack: string, python: string, options: readonly string[]): Promise<WindowReport> {
  const script = readFileSync(join(import.meta.dirname, "../open-windows.sh"), "utf8");
  const words = [...(await sshWords(stack)), ...options, `bash -s -- ${quote(python)}`];
  const { stdout, stderr, exitCode, incomplete } = await askProgram("ssh", words, { stdin: script, seconds });
  if (incomplete !== undefined) return failed(`ssh ${incomplete}`);
  if (exitCode === connectionFailed) return failed(`no SSH session: ${stderr.split("\n").at(-1)}`);
  // The session may have the box's own display instead, and windows would open there.
  if (options.length > 0 && isForwardingRefused(stderr)) return failed(noDisplay(stderr, "it is not forwarded"));
  return reportWindows(stack, stdout, stderr);
}
