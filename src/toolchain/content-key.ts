import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * A short hash of a folder's content: the path and bytes of every file. Leaves out Go's tests and Markdown, which do not affect a build.
 *
 * @param target what else the build depends on, such as the architecture
 */
export function contentKey(folder: string, ...target: readonly string[]): string {
  const hash = createHash("sha256");
  for (const word of target) hash.update(`${word}\0`);
  for (const file of filesUnder(folder, "")) {
    hash.update(`${file.path}\0`);
    hash.update(createHash("sha256").update(file.bytes()).digest());
  }
  return hash.digest("hex").slice(0, 16);
}

/** A short hash of a few words. */
export function keyOf(...words: readonly string[]): string {
  return createHash("sha256").update(words.join("\0")).digest("hex").slice(0, 16);
}

interface File {
  readonly path: string;
  bytes(): string | Buffer;
}

function* filesUnder(folder: string, below: string): Generator<File> {
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) yield* filesUnder(folder, path);
    else if (entry.isSymbolicLink()) yield { path, bytes: () => readlinkSync(join(folder, path)) };
    else if (!/(_test\.go|\.md)$/.test(entry.name)) yield { path, bytes: () => readFileSync(join(folder, path)) };
  }
}
