import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { UserError } from "../../model/user-error.ts";
import type { Part } from "./stack-storage.ts";

/** How many characters of a script's standard error are kept. */
const keptText = 20_000;

/**
 * Starts a bash script in a separate container of the box's image, without network, with a part of the box's storage at /data.
 *
 * @returns `finished` is its exit code, and the end of its standard error
 */
export function startHelper(image: string, part: Part, script: string, writes = false) {
  // Without `volume-nocopy` Docker would copy files of the image into an empty volume.
  const kind = part.source.startsWith("/") ? "type=bind" : "type=volume,volume-nocopy";
  const mount = `${kind},src=${part.source},dst=/data${writes ? "" : ",readonly"}`;
  const child = spawn("docker", [
    ...["run", "--rm", "--interactive", "--network=none", "--user=0:0", "--no-healthcheck", "--workdir=/data"],
    "--log-driver=none", // a log would store all of the data on standard output a second time
    ...["--mount", mount, "--entrypoint=bash", image, "-c", script],
  ]);
  child.stdin.on("error", () => {}); // the script ended before it read everything; its exit code shows why
  const finished = Promise.all([once(child, "close"), text(child.stderr)]).then(
    ([[code], errors]) => ({ code: (code ?? 1) as number, errors: errors.slice(-keptText).trim() }),
    (error: Error) => {
      throw new UserError(`starting docker failed: ${error.message}`);
    },
  );
  return { stdin: child.stdin, stdout: child.stdout, finished, kill: () => child.kill() };
}

/**
 * The output of a script on a part of the storage.
 *
 * @throws UserError when the script fails
 */
export async function runHelper(image: string, part: Part, script: string): Promise<string> {
  const helper = startHelper(image, part, script);
  helper.stdin.end();
  const [output, { code, errors }] = await Promise.all([text(helper.stdout), helper.finished]);
  if (code !== 0) throw new UserError(`inspecting ${part.source} failed: ${errors}`);
  return output.trim();
}
