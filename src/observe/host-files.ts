import { readdirSync } from "node:fs";
import { join } from "node:path";

/** `~/x` below the home folder; any other path as it is. */
export const expand = (path: string, home: string): string =>
  path.startsWith("~/") ? join(home, path.slice(2)) : path;

/** Sorted, so that the order on disk is no difference. A folder that is not there has no names. */
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
