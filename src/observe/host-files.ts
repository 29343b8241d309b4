import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Expands `~/x` to a path below the home folder; returns any other path unchanged. */
export const expand = (path: string, home: string): string =>
  path.startsWith("~/") ? join(home, path.slice(2)) : path;

/** Names in a folder, sorted to be independent of the order on disk; none for a missing folder. */
export function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
