import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Length of a hash in hexadecimal digits. It keeps tags and triggers readable; 48 bits are enough to distinguish versions of one thing. */
const hashLength = 12;

/** A short hash of texts. Boundaries matter: `["ab", "c"]` and `["a", "bc"]` have different hashes. */
export function hashOf(...texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, hashLength);
}

/**
 * A short hash of every file below a folder: names, contents and the executable bit. It is the same on every host and in every clone,
 * so times, owners and the other mode bits (which depend on the umask) are ignored.
 */
export function hashFolder(folder: string): string {
  const parts = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const status = statSync(path);
      if (!status.isFile()) return [];
      const executable = (status.mode & 0o100) !== 0;
      return [name, executable ? "x" : "-", createHash("sha256").update(readFileSync(path)).digest("hex")];
    });
  return hashOf(...parts);
}

/** A short hash of a file's bytes. */
export function hashFile(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, hashLength);
}
