/** The fields of npm's lock files that set-up compares. */
export interface Lock {
  readonly packages?: Readonly<Record<string, LockEntry>>;
}

export interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly libc?: string | readonly string[];
}

/**
 * Finds the first package that is not installed as locked: it is missing, differs, or is not in the lock file.
 *
 * @param locked      package-lock.json
 * @param installed   node_modules/.package-lock.json, which npm writes last
 * @param isInstalled whether the folder of a package exists
 */
export function firstMismatch(
  locked: Lock,
  installed: Lock,
  isInstalled: (path: string) => boolean,
): string | undefined {
  const found = installed.packages ?? {};
  for (const [path, entry] of Object.entries(locked.packages ?? {})) {
    if (path === "") continue;
    const other = found[path];
    if (!other || !isInstalled(path)) {
      if (!entry.optional || isForThisHost(entry)) return path;
    } else if (other.version !== entry.version || other.integrity !== entry.integrity) {
      return path;
    }
  }
  return Object.keys(found).find((path) => !locked.packages?.[path]);
}

// The host's C library is unknown here, so a package for only one of them may be missing.
function isForThisHost({ os, cpu, libc }: LockEntry): boolean {
  return !libc && allows(os, process.platform) && allows(cpu, process.arch);
}

function allows(list: string | readonly string[] | undefined, word: string): boolean {
  if (!list) return true;
  const words = typeof list === "string" ? [list] : list;
  return words.includes(word) || (words.some((entry) => entry.startsWith("!")) && !words.includes(`!${word}`));
}
