import { realpathSync, type Stats, statSync } from "node:fs";
import { isAbsolute, normalize } from "node:path";
import { quote } from "../model/quote.ts";
import { expand } from "./host-files.ts";

/** Folders of the host that no box may use. */
const systemFolder = /^\/(home|media|mnt|opt|root|srv|tmp|var(\/lib|\/tmp)?)?$/;
/** Folders that no box may use, and whose contents none may use either. */
const systemTree =
  /^\/(bin|boot|dev|etc|lib(32|64)?|proc|run|sbin|sys|usr|var\/lib\/(containerd|docker)|var\/run)(\/|$)/;

/** Where a folder of the host is. */
export interface HostFolderOptions {
  /** The user's home folder, to which `~/` expands. */
  readonly home: string;
  /** Whether the host is this computer, so that the folder can be checked. */
  readonly isLocal: boolean;
}

/** What is at a path of the host; a path of another computer counts as a folder, and as a socket if it ends with `.sock`. */
export type HostPathKind = "folder" | "file" | "socket";

type Problem = { readonly problem: string };

/**
 * Reads a folder of the host from a configuration: returns its full path, or what is wrong with it, as the end of a sentence that
 * begins with the configured path.
 */
export function readHostFolder(written: string, options: HostFolderOptions): { readonly folder: string } | Problem {
  const read = readHostPath(written, options);
  if ("problem" in read) return read;
  return read.kind === "folder" ? { folder: read.path } : { problem: "is not a folder; name a folder" };
}

/**
 * The same for a folder, a file or a socket.
 *
 * @param isReadOnly whether the box cannot write to it: files in system folders may be read only
 */
export function readHostPath(
  written: string,
  { home, isLocal }: HostFolderOptions,
  isReadOnly = false,
): { readonly path: string; readonly kind: HostPathKind } | Problem {
  if (written.startsWith("~/") && !isLocal) {
    return {
      problem:
        "starts with the home folder of this computer, but the Docker Engine is on another one; write the full path",
    };
  }
  const path = expand(written, home);
  if (!isAbsolute(path)) return { problem: "must be an absolute path, or start with `~/`" };
  if (/[\0\n\r]/.test(path)) return { problem: "must be a single line" };
  const folder = normalize(path).replace(/(?<=.)\/+$/, "");
  if (folder === normalize(home))
    return { problem: "is your home folder, which holds your keys; name a folder below it" };
  const kind = isLocal ? kindOf(folder) : folder.endsWith(".sock") ? "socket" : "folder";
  if (isSystemFolder(folder) && kind !== "socket") {
    if (kind !== "file") return { problem: "is a system folder; name one that is only for the box" };
    if (!isReadOnly) return { problem: "is in a system folder; set `read_only: true`" };
  }
  return isLocal ? inspectPath(folder, home) : { path: folder, kind: kind ?? "folder" };
}

const kindOf = (path: string): HostPathKind | undefined => {
  const status = statSync(path, { throwIfNoEntry: false });
  return status && kindIn(status);
};

const kindIn = (status: Stats): HostPathKind =>
  status.isDirectory() ? "folder" : status.isSocket() ? "socket" : "file";

function inspectPath(path: string, home: string): { readonly path: string; readonly kind: HostPathKind } | Problem {
  try {
    const kind = kindIn(statSync(path));
    const real = realpathSync(path);
    if (kind === "folder" && real !== path && (isSystemFolder(real) || real === realpathSync(home))) {
      return { problem: `links to ${real}, which no box may use; name a folder that is only for the box` };
    }
    return { path, kind };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { problem: `does not exist on this computer; to create it: mkdir -p ${quote(path)}` };
    return { problem: `cannot be read (${code}); fix the path or its permissions` };
  }
}

/** Whether a normalised path is a system folder. */
export const isSystemFolder = (folder: string): boolean => systemFolder.test(folder) || systemTree.test(folder);
