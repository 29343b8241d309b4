import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { UserError } from "../../model/user-error.ts";
import type { Part } from "./stack-storage.ts";

/** A program in a separate container of the box's image, without network, with a part of the box's storage at /data. */
export interface Helper {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Its exit code, and the end of its standard error. */
  readonly finished: Promise<{ readonly code: number; readonly errors: string }>;
  kill(): void;
}

/** How many characters of a program's standard error are kept. */
const keptText = 20_000;

export function startHelper(
  image: string,
  part: Part,
  program: string,
  words: readonly string[],
  writes = false,
): Helper {
  const isFolder = part.source.startsWith("/");
  // Without `volume-nocopy` Docker would copy files of the image into an empty volume.
  const kind = isFolder ? "type=bind" : "type=volume,volume-nocopy";
  const mount = `${kind},src=${part.source},dst=/data${writes ? "" : ",readonly"}`;
  // Without a log, which would store all of the data on standard output a second time.
  const run = [
    "run",
    "--rm",
    "--interactive",
    "--network=none",
    "--log-driver=none",
    "--user=0:0",
    "--no-healthcheck",
    "--workdir=/data",
  ];
  const child: ChildProcess = spawn("docker", [...run, "--mount", mount, `--entrypoint=${program}`, image, ...words], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("docker was started without pipes");
  let errors = "";
  stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-keptText);
  });
  stdin.on("error", () => {}); // the program ended before it read everything; its exit code shows why
  const finished = new Promise<{ code: number; errors: string }>((resolve, reject) => {
    child.once("error", (error) => reject(new UserError(`starting docker failed: ${error.message}`)));
    child.once("close", (code) => resolve({ code: code ?? 1, errors: errors.trim() }));
  });
  return { stdin, stdout, finished, kill: () => child.kill() };
}

/**
 * The output of a program on a part of the storage.
 *
 * @throws UserError when the program fails
 */
export async function runHelper(image: string, part: Part, program: string, words: readonly string[]): Promise<string> {
  const helper = startHelper(image, part, program, words);
  helper.stdin.end();
  let text = "";
  for await (const piece of helper.stdout.setEncoding("utf8")) text += piece;
  const { code, errors } = await helper.finished;
  if (code !== 0) throw new UserError(`inspecting ${part.source} failed: ${errors}`);
  return text.trim();
}
