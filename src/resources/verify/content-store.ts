import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { systemContainerdRoot } from "../../observe/disks.ts";
import { docker } from "../../observe/docker.ts";
import { readTar, unpack } from "./archive.ts";
import { isReadable, readAsRoot } from "./engine-files.ts";
import type { InspectedImage } from "./engine-image.ts";
import { ImageCheckError, type ImageSource } from "./source.ts";

/**
 * The fast source for containerd's image store: the files of its content store, each named by its digest. Unlike `docker save`, it does not
 * have to read the layers of the base: an archive lists its layers only at its end.
 *
 * @returns undefined unless this host has a content store that has the image and is readable as root or with `sudo -n`
 */
export async function contentStore(image: InspectedImage): Promise<ImageSource | undefined> {
  for (const root of await containerdRoots()) {
    const blobs = join(root, "io.containerd.content.v1.content/blobs/sha256");
    const fileOf = (digest: string): string => join(blobs, digest.replace("sha256:", ""));
    if (await isReadable(fileOf(image.id))) return storeAt(fileOf, image);
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

function storeAt(fileOf: (digest: string) => string, image: InspectedImage): ImageSource {
  return {
    way: "containerd's content store",
    async read({ skip, visit }) {
      const documents = new Map<string, string>();
      let imageConfig: string | undefined;
      const readBlob = (digest: string, layer = digest): Promise<void> =>
        readAsRoot(["cat", fileOf(digest)], async (output) => {
          const { isTar, content } = await unpack(output);
          if (isTar) await readTar(content, (...file) => visit(layer, ...file));
          else documents.set(digest, (await buffer(content)).toString());
        });
      /** False for the platforms of an image that the Docker Engine has not pulled. */
      const readIfThere = async (digest: string): Promise<boolean> => {
        const isThere = await isReadable(fileOf(digest));
        if (isThere) await readBlob(digest);
        return isThere;
      };
      const follow = async (manifest: Descriptor): Promise<void> => {
        if (!(await readIfThere(manifest.digest))) return;
        const { manifests = [], config, layers = [] } = JSON.parse(documents.get(manifest.digest) ?? "") as Document;
        for (const one of manifests) await follow(one);
        if (config === undefined || !(await readIfThere(config.digest))) return;
        const text = documents.get(config.digest) ?? "";
        const { rootfs } = JSON.parse(text) as { rootfs?: { diff_ids?: readonly string[] } };
        if (rootfs?.diff_ids?.join() !== image.layers.join()) {
          for (const { digest } of layers) await readIfThere(digest);
          return;
        }
        if (imageConfig !== undefined) return; // the same layers again; this config stays among the documents
        imageConfig = text;
        documents.delete(config.digest);
        for (const [at, { digest }] of layers.entries()) {
          const layer = image.layers[at] as string;
          if (!skip?.(layer)) await readBlob(digest, layer);
        }
      };
      await follow({ digest: image.id });
      if (imageConfig === undefined)
        throw new ImageCheckError("containerd's content store has no manifest with the image's layers");
      return { config: imageConfig, layers: image.layers, documents };
    },
  };
}
