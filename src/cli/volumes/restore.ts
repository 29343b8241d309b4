/** What `npm run restore` runs: restore.ts STACK FOLDER FILE [--replace[=STACK]]; FILE is named from FOLDER. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { roundedSize } from "../../model/size.ts";
import { UserError } from "../../model/user-error.ts";
import { askDocker, docker } from "../../observe/docker.ts";
import { runCommand } from "../../process/run-command.ts";
import { eachFile, verifyArchive } from "./archive-reader.ts";
import { askHelper, startHelper } from "./helper.ts";
import { partName } from "./manifest.ts";
import { Progress } from "./progress.ts";
import { type Part, readStackStorage } from "./stack-storage.ts";

const usage = "usage: npm run restore -- STACK FILE [--replace]";

runCommand(async () => {
  const { stack, file, replace } = readArguments();
  const { box, image, volumes, folders } = readStackStorage(stack);
  const checking = new Progress(`checking ${file}`);
  const manifest = await verifyArchive(file, (count) => checking.add(count));
  checking.end();

  const targets = manifest.parts.flatMap(({ key }) => {
    const folder = folders.find((one) => one.key === key);
    const volume = folder === undefined ? volumes.find((one) => one.key === key) : undefined;
    if (volume === undefined) {
      const reason = folder
        ? `it is the folder ${folder.source} of the engine's machine here`
        : `${box} has no such volume`;
      console.error(`${key}: left out, ${reason}; it can be unpacked by hand: ${partName(key)} in ${file}`);
    }
    return volume ?? [];
  });
  if (targets.length === 0) throw new UserError(`nothing of ${file} has a volume of ${box} to go to`);
  await confirm(stack, file, await withData(image, targets), replace);
  await stop(box);
  await eachFile(file, async (name, content) => {
    const part = targets.find(({ key }) => partName(key) === name);
    if (part !== undefined) await unpack(image, part, content);
  });
  console.log(`${targets.map(({ key }) => key).join(", ")} restored; start the box: npm run up -- ${stack}`);
  return 0;
});

function readArguments(): { stack: string; file: string; replace: string | undefined } {
  // `--replace` may have a value, which parseArgs does not know.
  const words = process.argv.slice(2).map((word) => (word === "--replace" ? "--replace=" : word));
  try {
    const options = { replace: { type: "string" } } as const;
    const { positionals, values } = parseArgs({ args: words, options, allowPositionals: true });
    const [stack = "", from = "", name, ...more] = positionals;
    if (name === undefined || more.length > 0)
      throw new Error(name ? `one file at a time, not also ${more[0]}` : "which file?");
    return { stack, file: resolve(from, name), replace: values.replace };
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n${usage}`);
  }
}

/** The parts whose volumes have a file; the folders of a new one do not count. */
async function withData(image: string, parts: readonly Part[]): Promise<string[]> {
  const words = [
    "/data",
    "-mindepth",
    "1",
    "-not",
    "-type",
    "d",
    "-not",
    "-path",
    "/data/.benchbox-restore/new/*", // but not `old`: see `unpack`
    "-print",
    "-quit",
  ];
  const found = await Promise.all(
    parts.map(async (part) => ((await askHelper(image, part, "find", words)) ? [part.key] : [])),
  );
  return found.flat();
}

async function confirm(
  stack: string,
  file: string,
  full: readonly string[],
  replace: string | undefined,
): Promise<void> {
  if (full.length === 0) return;
  const names = full.join(", ");
  if (replace === undefined) {
    throw new UserError(
      `${names} of ${stack} already ${full.length === 1 ? "has" : "have"} data; nothing was changed. To replace it: npm run restore -- ${stack} ${file} --replace`,
    );
  }
  let answer = replace;
  if (answer === "" && process.stdin.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    answer = await terminal.question(
      `This replaces what is in ${names} of ${stack}, for good. Type the stack's name to go on: `,
    );
    terminal.close();
  } else if (answer === "") {
    throw new UserError(
      `--replace replaces what is in ${names} for good. Without a terminal to ask on, say its name: --replace=${stack}`,
    );
  }
  if (answer !== stack) throw new UserError(`that is not ${stack}; nothing was changed`);
}

/** Nothing may write to the volumes meanwhile; and a box that was stopped is handed its keys again by the next `up`. */
async function stop(box: string): Promise<void> {
  const state = await askDocker(["container", "inspect", "--format", "{{.State.Status}}", box]);
  if (!["running", "paused", "restarting"].includes(state.trim())) return;
  console.error(`stopping ${box}`);
  const stopped = await docker(["stop", box]);
  if (!stopped.ok) throw new UserError(`${box} could not be stopped: ${stopped.stderr}`);
}

async function unpack(image: string, part: Part, content: Readable): Promise<void> {
  const progress = new Progress(part.key);
  const script = readFileSync(new URL("unpack", import.meta.url), "utf8");
  const helper = startHelper(image, part, "bash", ["-c", script], true);
  helper.stdout.resume();
  let bytes = 0;
  content.on("data", (piece: Buffer) => {
    bytes += piece.length;
    progress.add(piece.length);
  });
  try {
    // A helper that ends early breaks the pipe; what it said tells more than that.
    const [, { code, said }] = await Promise.all([pipeline(content, helper.stdin).catch(() => {}), helper.finished]);
    if (code !== 0) throw new UserError(`${part.key} could not be restored and is as it was: ${said}`);
  } finally {
    helper.kill();
    progress.end();
  }
  console.error(`${part.key}: ${roundedSize(bytes)}`);
}
