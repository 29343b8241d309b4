import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * A short hash of a folder's content: the path and bytes of every file. Leaves out Go's tests and Markdown, which do not affect a build.
 *
 * @param target what else the build depends on, such as the architecture
 */
export function contentKey(folder: string, ...target: readonly string[]): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !/(_test\.go|\.md)$/.test(entry.name))
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isLink: entry.isSymbolicLink() }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash("sha256");
  for (const word of target) hash.update(`${word}\0`);
  for (const { path, isLink } of files) {
    hash.update(`${relative(folder, path)}\0`);
    hash.update(
      createHash("sha256")
        .update(isLink ? readlinkSync(path) : readFileSync(path))
        .digest(),
    );
  }
  return hash.digest("hex").slice(0, 16);
}

/** A short hash of a few words. */
export function keyOf(...words: readonly string[]): string {
  return createHash("sha256").update(words.join("\0")).digest("hex").slice(0, 16);
}
