import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { UserError } from "../../model/user-error.ts";
import type { Part } from "./stack-storage.ts";

/** A program that runs beside the box, in a container of its image, without network, with a part of its storage at /data. */
export interface Helper {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** How it ended, with the last that it said. */
  readonly finished: Promise<{ readonly code: number; readonly said: string }>;
  kill(): void;
}

/** How much of what a program says is kept. */
const keptText = 20_000;

export function startHelper(
  image: string,
  part: Part,
  program: string,
  words: readonly string[],
  writes = false,
): Helper {
  const isFolder = part.source.startsWith("/");
  // Nothing of the image is copied into a volume that happens to be empty.
  const kind = isFolder ? "type=bind" : "type=volume,volume-nocopy";
  const mount = `${kind},src=${part.source},dst=/data${writes ? "" : ",readonly"}`;
  // Without its own log: what goes through standard output would be written there, too.
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
  if (stdin === null || stdout === null || stderr === null) throw new Error("no pipes");
  let said = "";
  stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-keptText);
  });
  stdin.on("error", () => {}); // it ended before it read all; its exit code tells
  const finished = new Promise<{ code: number; said: string }>((resolve, reject) => {
    child.once("error", (error) => reject(new UserError(`docker could not be started: ${error.message}`)));
    child.once("close", (code) => resolve({ code: code ?? 1, said: said.trim() }));
  });
  return { stdin, stdout, finished, kill: () => child.kill() };
}

/** What a program that must succeed prints. */
export async function askHelper(image: string, part: Part, program: string, words: readonly string[]): Promise<string> {
  const helper = startHelper(image, part, program, words);
  helper.stdin.end();
  let text = "";
  for await (const piece of helper.stdout.setEncoding("utf8")) text += piece;
  const { code, said } = await helper.finished;
  if (code !== 0) throw new UserError(`${part.source} could not be looked at: ${said}`);
  return text.trim();
}
