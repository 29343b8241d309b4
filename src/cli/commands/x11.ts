import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRemoteEngine } from "../../model/engine-address.ts";
import { commandLine } from "../../model/quote.ts";
import { UserError } from "../../model/user-error.ts";
import { docker } from "../../observe/docker.ts";
import { askProgram } from "../../process/run-program.ts";
import { hasXauth, shareDisplay, xauthMissing } from "../../resources/share-display.ts";
import { boxOutputs } from "../../state/box-outputs.ts";
import { boxName, projectFolder } from "../../state/project.ts";
import { stackCommand } from "../stack-command.ts";

export default stackCommand("x11")
  .summary("set up the stack's X11 displays")
  .description(
    "set up the stack's X11 displays, and print how to use them; run it again after a new login on this host's screen",
  )
  .action(async (stack) => {
    const { x11 } = await boxOutputs(stack);
    console.log(`Windows of the box ${stack}:\n  over SSH: npm run ssh -- ${stack} -X`);
    if (x11.socket) {
      await shareDisplay(boxName(stack));
      console.log(
        `  on this host's screen, ${process.env.DISPLAY}: in every session, without an option (npm run ssh -- ${stack} xclock)`,
      );
    }
    if (x11.server) await openServer(stack, x11.server.display, x11.server.port);
    if (!x11.socket && !x11.server) {
      console.log(`  To add others: benchbox:x11 in Pulumi.${stack}.yaml (README).`);
    }
  });

/** Prints how programs of this host reach the box's own X server, and writes the server's cookie for them. */
async function openServer(stack: string, display: string, port: number): Promise<void> {
  const file = await writeCookie(stack);
  const place = `on the box's own X server, on port ${port} of 127.0.0.1`;
  const steps = isRemoteEngine(process.env.DOCKER_HOST ?? "")
    ? `  ${place} of the Docker Engine's host. To see it from this host, leave this running:
    npm run ssh -- ${stack} -N -L 127.0.0.1:${port}:127.0.0.1:${port}
  and, in another terminal:`
    : `  ${place}. To see it from this host:`;
  console.log(`${steps}
    export ${commandLine([`DISPLAY=${display}`])} XAUTHORITY=${commandLine([file])}
    xwd -root | convert xwd:- screen.png     # or x11vnc, xpra, any X program`);
}

/** Writes the cookie of the box's X server. @returns the path of the Xauthority file */
async function writeCookie(stack: string): Promise<string> {
  if (!(await hasXauth())) throw new UserError(xauthMissing);
  const cookie = await docker(["exec", boxName(stack), "/usr/local/lib/benchbox/x11", "server-cookie"]);
  if (!cookie.ok) throw new UserError(`reading the cookie of the box's X server failed: ${cookie.stderr}`);
  const file = join(projectFolder, `.state/x11.${stack}`);
  const staged = `${file}.new`;
  rmSync(staged, { force: true });
  writeFileSync(staged, "", { mode: 0o600 }); // xauth warns if the file does not exist
  const written = await askProgram("xauth", ["-q", "-f", staged, "nmerge", "-"], { stdin: cookie.stdout });
  if (!written.ok) throw new UserError(`writing ${staged} failed: ${written.stderr}`);
  renameSync(staged, file);
  return file;
}
