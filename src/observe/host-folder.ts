import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import { quote } from "../model/quote.ts";

/** Folders of a machine that are never the box's: themselves, and with `/**` all below them, too. */
const systemFolders = [
  "/",
  "/bin/**",
  "/boot/**",
  "/dev/**",
  "/etc/**",
  "/home",
  "/lib/**",
  "/lib32/**",
  "/lib64/**",
  "/media",
  "/mnt",
  "/opt",
  "/proc/**",
  "/root",
  "/run/**",
  "/sbin/**",
  "/srv",
  "/sys/**",
  "/tmp",
  "/usr/**",
  "/var",
  "/var/lib",
  "/var/lib/containerd/**",
  "/var/lib/docker/**",
  "/var/run/**",
  "/var/tmp",
];

/** What is known of a folder on the engine's machine. */
export interface HostFolderOptions {
  /** The user's home folder, where `~/` leads. */
  readonly home: string;
  /** Whether the folder is on this machine, so that it can be looked at. */
  readonly isLocal: boolean;
}

/**
 * A folder of the engine's machine as it is written in a configuration: in full, or what is wrong with it, as the end of a
 * sentence that begins with what was written.
 */
export function readHostFolder(
  written: string,
  { home, isLocal }: HostFolderOptions,
): { readonly folder: string } | { readonly problem: string } {
  if (written.startsWith("~/") && !isLocal) {
    return {
      problem: "starts at a home folder of this machine, and the engine is on another one; write the whole path",
    };
  }
  const path = written.startsWith("~/") ? join(home, written.slice(2)) : written;
  if (!isAbsolute(path)) return { problem: "must be an absolute path, or start with `~/`" };
  if (/[\0\n\r]/.test(path)) return { problem: "must be one line" };
  const folder = normalize(path).replace(/(?<=.)\/+$/, "");
  if (folder === normalize(home)) return { problem: "is your home, with your keys; name a folder below it" };
  if (isSystemFolder(folder)) return { problem: "is a folder of the system; name one of its own for the box" };
  return isLocal ? lookAt(folder, home) : { folder };
}

function lookAt(folder: string, home: string): { readonly folder: string } | { readonly problem: string } {
  try {
    if (!statSync(folder).isDirectory()) return { problem: "is no folder; name one" };
    const real = realpathSync(folder);
    if (real !== folder && (isSystemFolder(real) || real === realpathSync(home))) {
      return { problem: `leads to ${real}, which is not the box's; name a folder of its own` };
    }
    return { folder };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { problem: `does not exist on this machine; make it: mkdir -p ${quote(folder)}` };
    return { problem: `cannot be looked at (${code}); mend the path or its rights` };
  }
}

/** Whether a normalised path is the system's. Pure. */
export function isSystemFolder(folder: string): boolean {
  return systemFolders.some((entry) => {
    const base = entry.replace("/**", "");
    return folder === base || (entry !== base && folder.startsWith(`${base}/`));
  });
}
