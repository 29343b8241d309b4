/** The parts of npm's lock files that are compared. */
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
 * The first package that is not installed as locked; nothing when all are.
 *
 * @param locked    package-lock.json
 * @param installed node_modules/.package-lock.json, which npm writes last
 * @param isThere   whether a package's folder is there
 */
export function firstMismatch(locked: Lock, installed: Lock, isThere: (path: string) => boolean): string | undefined {
  const found = installed.packages ?? {};
  for (const [path, entry] of Object.entries(locked.packages ?? {})) {
    if (path === "") continue;
    const other = found[path];
    if (!other || !isThere(path)) {
      if (!entry.optional || isForThisMachine(entry)) return path;
    } else if (other.version !== entry.version || other.integrity !== entry.integrity) {
      return path;
    }
  }
  return Object.keys(found).find((path) => !locked.packages?.[path]);
}

// Which C library runs here is not asked: packages for one of them only may be missing.
function isForThisMachine({ os, cpu, libc }: LockEntry): boolean {
  return !libc && allows(os, process.platform) && allows(cpu, process.arch);
}

function allows(list: string | readonly string[] | undefined, word: string): boolean {
  if (!list) return true;
  const words = typeof list === "string" ? [list] : list;
  return words.includes(word) || (words.some((entry) => entry.startsWith("!")) && !words.includes(`!${word}`));
}
