import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  createReadStream,
  createWriteStream,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { machine } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { UserError } from "../../model/user-error.ts";
import { askProgram } from "../../process/run-program.ts";
import { projectFolder } from "../../state/project.ts";
import { sha256Of } from "../sha256.ts";

/** Writes the output of a program into a gzip file. @param stdin the program's input @throws UserError when the program fails */
export async function packOutput(
  file: string,
  program: string,
  words: readonly string[],
  stdin: string | Buffer = "",
): Promise<void> {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // the program may end before it has read everything; its exit code reports a failure
  child.stdin.end(stdin);
  const [[code, signal]] = await Promise.all([once(child, "exit"), compress(child.stdout, file)]);
  if (code !== 0) throw new UserError(`${program} ${words[0]} failed: ${signal ?? `exit code ${code}`}`);
}

/**
 * Writes a folder as a compressed tar file, while other programs may use the folder. For tar, a file that only got another name (a hard
 * link) has changed as well, so the archive is compared with the folder if tar reports changes.
 *
 * @param words arguments of tar that select files of the folder
 * @throws UserError when the folder has changed
 */
export async function packFolder(file: string, folder: string, words: readonly string[]): Promise<void> {
  const archive = `${file}.tar`;
  const tar = (...more: readonly string[]) =>
    askProgram("tar", ["--file", archive, "--directory", folder, ...more], { seconds: 3600 });
  const created = await tar("--create", ...words);
  const isWhole = created.ok || (created.exitCode === 1 && (await tar("--compare")).ok);
  if (!isWhole) {
    throw new UserError(
      `reading ${folder} failed: it changed in the meantime\n${created.stderr}\n  Fix: run this again`,
    );
  }
  await compress(createReadStream(archive), file);
  rmSync(archive);
}

const compress = (from: Readable, file: string): Promise<void> =>
  pipeline(from, createGzip({ level: 1 }), createWriteStream(file));

/**
 * Writes the bundle from the parts in a folder, with a description of the bundle and a checksum of each part. `src/toolchain/unbundle`
 * reads it.
 */
export async function writeBundle(staging: string, stack: string, file: string): Promise<void> {
  const form = readFileSync(join(projectFolder, "src/toolchain/bundle-form"), "utf8").trim();
  const made = new Date().toISOString().replace(/\.\d+/, "");
  const parts = readdirSync(staging).sort();
  writeFileSync(join(staging, "about"), `${form}\nstack ${stack}\nmachine ${machine()}\nmade ${made}\n`);
  const names = ["about", ...parts];
  const sums = await Promise.all(names.map((name) => sha256Of(createReadStream(join(staging, name)))));
  writeFileSync(join(staging, "checksums"), names.map((name, index) => `${sums[index]}  ${name}\n`).join(""));
  const bundle = join(staging, "bundle");
  const words = ["--create", "--file", bundle, "--directory", staging, "about", "checksums", ...parts];
  const { ok, stderr } = await askProgram("tar", words, { seconds: 3600 });
  if (!ok) throw new UserError(`writing the bundle failed: ${stderr}`);
  renameSync(bundle, file);
}
