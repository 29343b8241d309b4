import { createHash } from "node:crypto";
import { readAll } from "./archive.ts";
import type { LayerFinding } from "./search-layers.ts";
import type { ImageSource } from "./source.ts";

const lists = "var/lib/dpkg/info";
const status = "var/lib/dpkg/status";

/**
 * Which findings are in files that are byte for byte as a Debian package has brought them, by the md5 that the package
 * lists in any layer, or that were compiled of such a file which has the same in it. A proxy such as 127.0.0.1:8080 may be an example in a manual; what the distribution has published
 * is nobody's leak.
 */
export async function inPackagedFiles(
  source: ImageSource,
  findings: readonly LayerFinding[],
): Promise<Set<LayerFinding>> {
  const suspects = findings.filter(({ isBytes }) => isBytes);
  if (suspects.length === 0) return new Set();

  const paths = new Set(suspects.map(({ path }) => path));
  const published = new Set<string>();
  const digests = new Map<string, string>();
  await source.read({
    only: [lists, status, ...paths],
    visit: async (layer, { path, type }, content) => {
      if (type !== "file") return;
      if (path.startsWith(`${lists}/`) && path.endsWith(".md5sums")) {
        collect(await readAll(content), /^([\da-f]{32}) [ *](.*)$/, published);
      } else if (path === status) {
        collect(await readAll(content), /^ (?<path>\/.*) (?<md5>[\da-f]{32})( obsolete)?$/, published);
      } else if (paths.has(path)) {
        const hash = createHash("md5");
        for await (const piece of content) hash.update(piece);
        digests.set(`${layer}\0${path}`, hash.digest("hex"));
      }
    },
  });
  const packaged = suspects.filter(({ layer, path }) =>
    published.has(`${canonical(path)}\0${digests.get(`${layer}\0${path}`)}`),
  );
  // Python's compiled files are made when the package is installed, of what the package has brought.
  const sources = new Set(packaged.map(({ path, what }) => `${path}\0${what}`));
  const compiled = suspects.filter(({ path, what }) => sources.has(`${pythonSource(path)}\0${what}`));
  return new Set([...packaged, ...compiled]);
}

function pythonSource(path: string): string | undefined {
  const [, folder, module] = /^(.*\/)__pycache__\/([^/.]+)\.[^/]*\.pyc$/.exec(path) ?? [];
  return module && `${folder}${module}.py`;
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

/** `/lib` is `/usr/lib` today, and the lists of some packages do not know it. */
function canonical(path: string): string {
  return path.replace(/^\//, "").replace(/^usr\/(?=(?:bin|sbin|lib\w*)\/)/, "");
}
