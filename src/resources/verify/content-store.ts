import { join } from "node:path";
import { systemContainerdRoot } from "../../observe/disks.ts";
import { docker } from "../../observe/docker.ts";
import { readAll, readTar, unpack } from "./archive.ts";
import { findReadPrefix, readText } from "./engine-files.ts";
import type { InspectedImage } from "./engine-image.ts";
import { ImageCheckError } from "./image-check-error.ts";
import type { ImageSource } from "./source.ts";
import { readOutput } from "./stream-program.ts";

/**
 * The fast source for containerd's image store: the files of its content store, each named by its digest. Unlike `docker save`, it does not
 * have to read the layers of the base: an archive lists its layers only at its end.
 *
 * @returns undefined unless this host has a content store that has the image and is readable as root or with `sudo -n`
 */
export async function contentStore(image: InspectedImage): Promise<ImageSource | undefined> {
  for (const root of await containerdRoots()) {
    const blobs = join(root, "io.containerd.content.v1.content/blobs/sha256");
    const asRoot = await findReadPrefix(join(blobs, hexOf(image.id)));
    if (asRoot !== undefined) return storeAt(blobs, asRoot, image);
  }
  return undefined;
}

/** The folders of the containerd that the Docker Engine starts, and of a containerd that runs as a service of its own. */
async function containerdRoots(): Promise<string[]> {
  const { ok, stdout } = await docker(["info", "--format", "{{.DockerRootDir}}"]);
  return ok ? [join(stdout.trim(), "containerd/daemon"), await systemContainerdRoot()] : [];
}

interface Descriptor {
  readonly digest: string;
}

/** An index lists manifests of platforms and of a build's attestations; a manifest lists a config and layers. */
interface Document {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

function storeAt(blobs: string, asRoot: readonly string[], image: InspectedImage): ImageSource {
  const fileOf = ({ digest }: Descriptor): string => join(blobs, hexOf(digest));
  // The Docker Engine may have pulled only some platforms of an image.
  const exists = async (blob: Descriptor): Promise<boolean> => (await findReadPrefix(fileOf(blob))) !== undefined;
  const textIn = async (blob: Descriptor): Promise<string | undefined> =>
    (await exists(blob)) ? readText(fileOf(blob), asRoot) : undefined;
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
      for (const blob of others) if (await exists(blob)) await readBlob(blob, blob.digest);
      return { config, layers: image.layers, documents };
    },
  };
}

/** The parts of an image in the store. */
interface Documents {
  /** The blobs of the image's layers, from the lowest to the topmost. */
  readonly layers: readonly Descriptor[];
  readonly config: string;
  /** All other documents that belong to the image, by digest. */
  readonly documents: Map<string, string>;
  /** Layers or documents that the manifests of other platforms and of attestations list. */
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
  if (found === undefined)
    throw new ImageCheckError("containerd's content store has no manifest with the image's layers");
  return { ...found, documents, others };
}

const hexOf = (digest: string): string => digest.replace("sha256:", "");
