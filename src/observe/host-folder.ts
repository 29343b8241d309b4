import { realpathSync, statSync } from "node:fs";
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

/**
 * Reads a folder of the host from a configuration: returns its full path, or what is wrong with it, as the end of a sentence that
 * begins with the configured path.
 */
export function readHostFolder(
  written: string,
  { home, isLocal }: HostFolderOptions,
): { readonly folder: string } | { readonly problem: string } {
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
  if (isSystemFolder(folder)) return { problem: "is a system folder; name one that is only for the box" };
  return isLocal ? inspectFolder(folder, home) : { folder };
}

function inspectFolder(folder: string, home: string): { readonly folder: string } | { readonly problem: string } {
  try {
    if (!statSync(folder).isDirectory()) return { problem: "is not a folder; name a folder" };
    const real = realpathSync(folder);
    if (real !== folder && (isSystemFolder(real) || real === realpathSync(home))) {
      return { problem: `links to ${real}, which no box may use; name a folder that is only for the box` };
    }
    return { folder };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      return { problem: `does not exist on this computer; to create it: mkdir -p ${quote(folder)}` };
    return { problem: `cannot be read (${code}); fix the path or its permissions` };
  }
}

/** Whether a normalised path is a system folder. */
const isSystemFolder = (folder: string): boolean => systemFolder.test(folder) || systemTree.test(folder);
