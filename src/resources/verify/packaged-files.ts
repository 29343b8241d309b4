import { createHash } from "node:crypto";
import { posix } from "node:path";
import { readAll } from "./archive.ts";
import type { LayerFinding } from "./search-layers.ts";
import type { ImageSource } from "./source.ts";

const lists = "var/lib/dpkg/info";
const status = "var/lib/dpkg/status";

/**
 * Which findings are in files that are as a package has brought them. What a publisher has published is nobody's leak: a
 * proxy such as 127.0.0.1:8080 is an example in many a manual.
 *
 * - A Debian package lists its files' md5, a Python package their sha256 (RECORD): a file is the package's while that is so.
 *   What Python compiled of such a file, which has the same in it, goes with it.
 * - npm keeps no such list, so a file below node_modules is taken for its package's, but for settings and what node-gyp writes.
 *
 * A Python package may have been made here, and npm's proof is a path: both count for an `isCommon` address only.
 */
export async function inPackagedFiles(
  source: ImageSource,
  findings: readonly LayerFinding[],
): Promise<Set<LayerFinding>> {
  const suspects = findings.filter(({ isBytes }) => isBytes);
  if (suspects.length === 0) return new Set();

  const paths = new Set(suspects.map(({ path }) => path));
  const common = suspects.filter(({ isCommon }) => isCommon);
  const pythons = new Set(common.flatMap(({ path }) => pythonFolder(path) ?? []));
  const debian = new Set<string>();
  const python = new Set<string>();
  const digests = new Map<string, { readonly md5: string; readonly sha256: string }>();
  await source.read({
    only: [lists, status, ...paths, ...pythons],
    visit: async (layer, { path, type }, content) => {
      if (type !== "file") return;
      if (path.startsWith(`${lists}/`) && path.endsWith(".md5sums")) {
        collect(await readAll(content), /^([\da-f]{32}) [ *](.*)$/, debian);
      } else if (path === status) {
        collect(await readAll(content), /^ (?<path>\/.*) (?<md5>[\da-f]{32})( obsolete)?$/, debian);
      } else if (path.endsWith(".dist-info/RECORD") && pythons.has(posix.dirname(posix.dirname(path)))) {
        collectRecord(await readAll(content), posix.dirname(posix.dirname(path)), python);
      } else if (paths.has(path)) {
        const [md5, sha256] = [createHash("md5"), createHash("sha256")];
        for await (const piece of content) {
          md5.update(piece);
          sha256.update(piece);
        }
        digests.set(`${layer}\0${path}`, { md5: md5.digest("hex"), sha256: sha256.digest("base64url") });
      }
    },
  });
  const packaged = suspects.filter(({ layer, path, isCommon }) => {
    const { md5, sha256 } = digests.get(`${layer}\0${path}`) ?? {};
    if (debian.has(`${canonical(path)}\0${md5}`)) return true;
    return isCommon && (python.has(`${path}\0${sha256}`) || isOfNpmPackage(path));
  });
  // Python's compiled files are made when the package is installed, of what the package has brought.
  const sources = new Set(packaged.map(({ path, what }) => `${path}\0${what}`));
  const compiled = suspects.filter(({ path, what }) => sources.has(`${pythonSource(path)}\0${what}`));
  return new Set([...packaged, ...compiled]);
}

function pythonSource(path: string): string | undefined {
  const [, folder, module] = /^(.*\/)__pycache__\/([^/.]+)\.[^/]*\.pyc$/.exec(path) ?? [];
  return module && `${folder}${module}.py`;
}

/** The folder that a Python package's files and lists are in. */
function pythonFolder(path: string): string | undefined {
  return /^(.*\/)?(?:site|dist)-packages(?=\/)/.exec(path)?.[0];
}

/** node-gyp writes npm's settings, its proxy among them, into config.gypi; files with a dot are settings themselves. */
function isOfNpmPackage(path: string): boolean {
  return /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/.][^/]*\/(?!(?:.*\/)?(?:\.[^/]+|config\.gypi)$)/.test(path);
}

/** Adds a line's file and md5. The packages' own lists have the md5 first, the list of their configuration files last. */
function collect(list: Buffer, line: RegExp, into: Set<string>): void {
  for (const text of list.toString().split("\n")) {
    const match = line.exec(text);
    if (match === null) continue;
    const path = match.groups?.path ?? match[2] ?? "";
    into.add(`${canonical(path)}\0${match.groups?.md5 ?? match[1]}`);
  }
}

/** Adds the files of a Python package's list, whose lines are `path,sha256=digest,size`. */
function collectRecord(list: Buffer, folder: string, into: Set<string>): void {
  for (const text of list.toString().split(/\r?\n/)) {
    const [, path, sha256] = /^"?(.+?)"?,sha256=([\w-]+),\d*$/.exec(text) ?? [];
    if (path) into.add(`${posix.join(folder, path)}\0${sha256}`);
  }
}

/** `/lib` is `/usr/lib` today, and the lists of some packages do not know it. */
function canonical(path: string): string {
  return path.replace(/^\//, "").replace(/^usr\/(?=(?:bin|sbin|lib\w*)\/)/, "");
}
