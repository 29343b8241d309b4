import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Length that keeps tags and triggers readable; 48 bits are plenty to tell the versions of one thing apart. */
const shown = 12;

/** A short hash of texts. The boundaries count: `["ab", "c"]` and `["a", "bc"]` differ. */
export function hashOf(...texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, shown);
}

/**
 * A short hash of every file below a folder: names, bytes and the executable bit. The same on any machine and in any
 * clone, so times, owners and the other mode bits (which follow the umask) do not count.
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
  return createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, shown);
}
