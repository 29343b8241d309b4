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

/** A text file as it is: one byte a character, since nobody promises that another one's file is UTF-8. Empty where there is none. */
export const readBytes = (file: string): string => (existsSync(file) ? readFileSync(file, "latin1") : "");

/**
 * Makes this the text of a file, at once, with the mode and the owner that it has; a new one is its user's alone. A link goes on leading
 * to the file. The same text writes nothing.
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

/** Where links lead, also when there is no file there yet. */
function finalPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  try {
    return finalPath(resolve(realpathSync(dirname(path)), readlinkSync(path)));
  } catch {
    return path; // no link, so a new file
  }
}
