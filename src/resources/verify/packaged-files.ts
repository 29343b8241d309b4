import { createHash } from "node:crypto";
import { posix } from "node:path";
import { text } from "node:stream/consumers";
import type { LayerFinding } from "./search-layers.ts";
import type { ImageSource } from "./source.ts";

const lists = "var/lib/dpkg/info";
const status = "var/lib/dpkg/status";

/**
 * The findings in unchanged files of packages. What a publisher has published is not a leak: a proxy such as 127.0.0.1:8080 is an example
 * in many manuals.
 *
 * - A Debian package lists the md5 of its files, a Python package their sha256 (RECORD): a file with that checksum is unchanged. A file
 *   that Python compiled from an unchanged file has the same findings and counts as unchanged.
 * - npm has no such list, so all files below node_modules count as unchanged, except settings and what node-gyp writes.
 *
 * A Python package may have been built here, and the evidence for npm is only a path: both count only for an `isCommon` address.
 */
export async function findPackaged(source: ImageSource, findings: readonly LayerFinding[]): Promise<Set<LayerFinding>> {
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
        collect(await text(content), /^(?<digest>[\da-f]{32}) [ *](?<path>.*)$/, canonical, debian);
      } else if (path === status) {
        collect(await text(content), /^ (?<path>\/.*) (?<digest>[\da-f]{32})( obsolete)?$/, canonical, debian);
      } else if (path.endsWith(".dist-info/RECORD") && pythons.has(posix.dirname(posix.dirname(path)))) {
        const folder = posix.dirname(posix.dirname(path));
        const line = /^"?(?<path>.+?)"?,sha256=(?<digest>[\w-]+),\d*\r?$/;
        collect(await text(content), line, (file) => posix.join(folder, file), python);
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
  // Python compiles the files of a package when it is installed.
  const sources = new Set(packaged.map(({ path, what }) => `${path}\0${what}`));
  const compiled = suspects.filter(({ path, what }) => sources.has(`${pythonSource(path)}\0${what}`));
  return new Set([...packaged, ...compiled]);
}

function pythonSource(path: string): string | undefined {
  const [, folder, module] = /^(.*\/)__pycache__\/([^/.]+)\.[^/]*\.pyc$/.exec(path) ?? [];
  return module && `${folder}${module}.py`;
}

/** The folder with a Python package's files and lists. */
function pythonFolder(path: string): string | undefined {
  return /^(.*\/)?(?:site|dist)-packages(?=\/)/.exec(path)?.[0];
}

/** node-gyp writes npm's settings, including its proxy, into config.gypi; files whose names begin with a dot are settings themselves. */
function isOfNpmPackage(path: string): boolean {
  return /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/.][^/]*\/(?!(?:.*\/)?(?:\.[^/]+|config\.gypi)$)/.test(path);
}

/** Adds the file and digest that each line of a list names. */
function collect(list: string, line: RegExp, pathOf: (path: string) => string, into: Set<string>): void {
  for (const one of list.split("\n")) {
    const { path, digest } = line.exec(one)?.groups ?? {};
    if (path !== undefined) into.add(`${pathOf(path)}\0${digest}`);
  }
}

/** `/lib` is a link to `/usr/lib`, but the lists of some packages still have the old path. */
function canonical(path: string): string {
  return path.replace(/^\//, "").replace(/^usr\/(?=(?:bin|sbin|lib\w*)\/)/, "");
}
