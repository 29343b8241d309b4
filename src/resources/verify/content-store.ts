import { join } from "node:path";
import { systemContainerdRoot } from "../../observe/disks.ts";
import { docker } from "../../observe/docker.ts";
import { readAll, readTar, unpack } from "./archive.ts";
import { CannotCheck } from "./cannot-check.ts";
import { textOf, wayToRead } from "./engine-files.ts";
import type { InspectedImage } from "./engine-image.ts";
import type { ImageSource } from "./source.ts";
import { readOutput } from "./stream-program.ts";

/**
 * The quick way with containerd's image store: the files of its content store, each named by its digest. Unlike `docker save`, it
 * need not read the layers of the base, of which an archive tells only at its end which they are.
 * Undefined when there is none on this machine that has the image and that we may read, as root or by `sudo -n`.
 */
export async function contentStore(image: InspectedImage): Promise<ImageSource | undefined> {
  for (const root of await containerdRoots()) {
    const blobs = join(root, "io.containerd.content.v1.content/blobs/sha256");
    const asRoot = await wayToRead(join(blobs, hexOf(image.id)));
    if (asRoot !== undefined) return storeAt(blobs, asRoot, image);
  }
  return undefined;
}

/** Where the engine's own containerd keeps its files, and where one that was started by itself does. */
async function containerdRoots(): Promise<string[]> {
  const { ok, stdout } = await docker(["info", "--format", "{{.DockerRootDir}}"]);
  return ok ? [join(stdout.trim(), "containerd/daemon"), await systemContainerdRoot()] : [];
}

interface Descriptor {
  readonly digest: string;
}

/** An index names manifests, for platforms and of what a build attests; a manifest names a config and layers. */
interface Document {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

function storeAt(blobs: string, asRoot: readonly string[], image: InspectedImage): ImageSource {
  const fileOf = ({ digest }: Descriptor): string => join(blobs, hexOf(digest));
  // Of an image for several platforms the engine has pulled only some.
  const isThere = async (blob: Descriptor): Promise<boolean> => (await wayToRead(fileOf(blob))) !== undefined;
  const textIn = async (blob: Descriptor): Promise<string | undefined> =>
    (await isThere(blob)) ? textOf(fileOf(blob), asRoot) : undefined;
  return {
    way: "containerd's content store",
    async read({ skip, visit }) {
      const { layers, config, documents, others } = await findDocuments(image, textIn);
      const readBlob = (blob: Descriptor, layer: string): Promise<void> =>
        readOutput([...asRoot, "cat", fileOf(blob)], async (output) => {
          const { isTar, content } = await unpack(output);
          if (isTar) await readTar(content, (...file) => visit(layer, ...file));
          else documents.set(blob.digest, (await readAll(content)).toString());
        });
      for (const [at, blob] of layers.entries()) {
        const layer = image.layers[at] as string;
        if (!skip?.(layer)) await readBlob(blob, layer);
      }
      for (const blob of others) if (await isThere(blob)) await readBlob(blob, blob.digest);
      return { config, layers: image.layers, documents };
    },
  };
}

/** What an image consists of in the store. */
interface Documents {
  /** The blobs of the image's layers, from the lowest to the topmost. */
  readonly layers: readonly Descriptor[];
  readonly config: string;
  /** All other documents that are kept with it, by digest. */
  readonly documents: Map<string, string>;
  /** What manifests of other platforms, and of what the build attests, name: layers, or documents. */
  readonly others: readonly Descriptor[];
}

async function findDocuments(
  image: InspectedImage,
  textIn: (blob: Descriptor) => Promise<string | undefined>,
): Promise<Documents> {
  const documents = new Map<string, string>();
  const others: Descriptor[] = [];
  let found: Pick<Documents, "layers" | "config"> | undefined;
  const follow = async (blob: Descriptor): Promise<void> => {
    const text = await textIn(blob);
    if (text === undefined) return;
    documents.set(blob.digest, text);
    const { manifests = [], config: named, layers = [] } = JSON.parse(text) as Document;
    for (const manifest of manifests) await follow(manifest);
    const config = named && (await textIn(named));
    if (named === undefined || config === undefined) return;
    const { rootfs } = JSON.parse(config) as { rootfs?: { diff_ids?: readonly string[] } };
    if (rootfs?.diff_ids?.join() === image.layers.join()) {
      found = { layers, config };
    } else {
      documents.set(named.digest, config);
      others.push(...layers);
    }
  };
  await follow({ digest: image.id });
  if (found === undefined) throw new CannotCheck("containerd's content store has no manifest with the image's layers");
  return { ...found, documents, others };
}

const hexOf = (digest: string): string => digest.replace("sha256:", "");
