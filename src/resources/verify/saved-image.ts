import { posix } from "node:path";
import { buffer } from "node:stream/consumers";
import { readTar, unpack } from "./archive.ts";
import { readOutput } from "./engine-files.ts";
import type { InspectedImage } from "./engine-image.ts";
import { ImageCheckError, type ImageContents, type ImageSource, type Reading } from "./source.ts";

/** In bytes; manifests and configs are far smaller. */
const largestDocument = 16 << 20;

/**
 * The slow source, which works with every Docker Engine: the output of `docker save`. Reads both layouts: the one with a `layer.tar` for
 * each layer, and the OCI layout, whose blobs may be compressed.
 */
export function savedImage(image: InspectedImage): ImageSource {
  return {
    way: "docker save (slow)",
    read: (reading) => readSaved(["docker", "image", "save", image.reference], reading),
  };
}

/** Reads an archive in the format of `docker save` from the output of a command. */
export async function readSaved(command: readonly string[], reading: Reading): Promise<ImageContents> {
  const documents = new Map<string, string>();
  const links = new Map<string, string>();
  const layers = new Set<string>();

  await readOutput(command, (output) =>
    readTar(output, async ({ path, type, link, size }, bytes) => {
      if (link !== undefined && type !== "file") links.set(path, posix.join(posix.dirname(path), link));
      // In the OCI layout of a Docker Engine that keeps layers uncompressed, a blob's name is the layer's digest.
      if (type !== "file" || reading.skip?.(path.replace(/^blobs\/sha256\//, "sha256:"))) return;
      const { isTar, content } = await unpack(bytes);
      if (isTar && size > 0) {
        layers.add(path);
        await readTar(content, (...file) => reading.visit(path, ...file));
      } else if (size <= largestDocument) {
        documents.set(path, (await buffer(content)).toString());
      } else {
        throw new ImageCheckError(`docker save returned ${path}, which is neither a layer nor a document`);
      }
    }),
  );
  return contents(documents, links, layers, reading);
}

function contents(
  documents: Map<string, string>,
  links: ReadonlyMap<string, string>,
  read: ReadonlySet<string>,
  { skip }: Reading,
): ImageContents {
  const [manifest] = JSON.parse(documents.get("manifest.json") ?? "[]") as {
    Config: string;
    Layers: string[] | null;
  }[];
  const config = documents.get(manifest?.Config ?? "");
  if (manifest === undefined || config === undefined)
    throw new ImageCheckError("docker save returned no manifest or no config");
  const layers = (manifest.Layers ?? []).map((path) => links.get(path) ?? path);
  const missing = layers.find((path) => !read.has(path) && !skip?.(path.replace(/^blobs\/sha256\//, "sha256:")));
  if (missing !== undefined) throw new ImageCheckError(`docker save returned no layer ${missing}`);
  documents.delete(manifest.Config);
  // For older Docker Engines, those before 29 add a copy of the config for each layer: up to 24 in a folder of its own, then as a blob that
  // nothing refers to.
  const named = [...documents.values()].join("\n");
  for (const name of documents.keys()) {
    const [, digest] = /^blobs\/sha256\/([\da-f]{64})$/.exec(name) ?? [];
    const isUnreferenced = digest !== undefined && !named.includes(digest);
    if (isUnreferenced || /^[\da-f]{64}\/(json|VERSION)$/.test(name)) documents.delete(name);
  }
  documents.delete("manifest.json"); // contains the image's name, which is not part of the image
  documents.delete("repositories");
  return { config, layers, documents };
}
