import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { UserError } from "../../model/user-error.ts";
import { askProgram } from "../../process/run-program.ts";

/** Writes what a program prints into a gzip file. @param stdin what the program reads */
export async function packOutput(
  file: string,
  program: string,
  words: readonly string[],
  stdin: string | Buffer = "",
): Promise<void> {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // it may end before it has read everything; its exit code tells
  child.stdin.end(stdin);
  const [[code, signal]] = await Promise.all([once(child, "exit"), compress(child.stdout, file)]);
  if (code !== 0) throw new UserError(`${program} ${words[0]} failed: it ended with ${signal ?? `exit code ${code}`}`);
}

/**
 * Writes a folder, which others may use meanwhile, as an archive into a gzip file. tar also calls a file changed that only got another
 * name, as one that is shared by links does; so the archive is compared with what is there.
 *
 * @param words for tar: what of the folder
 */
export async function packFolder(file: string, folder: string, words: readonly string[]): Promise<void> {
  const archive = `${file}.tar`;
  const tar = (...more: readonly string[]) =>
    askProgram("tar", ["--file", archive, "--directory", folder, ...more], { seconds: 3600 });
  const created = await tar("--create", ...words);
  const isWhole = created.ok || (created.exitCode === 1 && (await tar("--compare")).ok);
  if (!isWhole) {
    throw new UserError(`${created.stderr}\n${folder} was changed while it was read\n  Fix: run this again`);
  }
  await compress(createReadStream(archive), file);
  rmSync(archive);
}

const compress = (from: Readable, file: string): Promise<void> =>
  pipeline(from, createGzip({ level: 1 }), createWriteStream(file));
