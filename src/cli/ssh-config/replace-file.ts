import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Reads a file with one character per byte, since a user's file may not be UTF-8. Empty if the file does not exist. */
export const readBytes = (file: string): string => (existsSync(file) ? readFileSync(file, "latin1") : "");

/**
 * Atomically replaces the content of a file. Keeps its mode and owner; only its owner can access a new file. Follows links. Does not write
 * if the content is the same.
 */
export function replaceFile(path: string, bytes: string): void {
  const file = finalPath(path);
  if (existsSync(file) && readBytes(file) === bytes) return;
  const staging = mkdtempSync(`${file}.`);
  try {
    const staged = join(staging, "new");
    writeFileSync(staged, bytes, { encoding: "latin1", mode: 0o600 });
    const { mode, uid, gid } = statSync(existsSync(file) ? file : staged);
    chownSync(staged, uid, gid);
    chmodSync(staged, mode & 0o7777);
    renameSync(staged, file);
  } finally {
    rmSync(staging, { recursive: true });
  }
}

/** Resolves links, even if the target does not exist yet. */
function finalPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  try {
    return finalPath(resolve(realpathSync(dirname(path)), readlinkSync(path)));
  } catch {
    return path; // not a link, so a new file
  }
}
