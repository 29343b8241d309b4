import { basename, dirname, join } from "node:path";
import { readTar } from "./archive.ts";
import { findReadPrefix, readText } from "./engine-files.ts";
import type { InspectedImage } from "./engine-image.ts";
import { ImageCheckError } from "./image-check-error.ts";
import type { ImageSource } from "./source.ts";
import { readOutput } from "./stream-program.ts";

/**
 * The fast source for overlay2: the Docker Engine's folders of the layers, and its file with the image's config.
 *
 * @returns undefined unless this host has these folders and they are readable as root or with `sudo -n`
 */
export async function layerFolders(image: InspectedImage): Promise<ImageSource | undefined> {
  const { folders } = image;
  const [first] = folders ?? [];
  if (folders === undefined || first === undefined) return undefined;
  // <root>/overlay2/<layer>/diff and <root>/image/overlay2/imagedb/content/sha256/<id>
  const root = dirname(dirname(dirname(first)));
  const configFile = join(root, "image/overlay2/imagedb/content/sha256", basename(image.id.replace("sha256:", "")));
  const asRoot = await findReadPrefix(configFile);
  if (asRoot === undefined) return undefined;

  return {
    way: "the Docker Engine's layer folders",
    async read({ skip, only, visit }) {
      for (const [at, folder] of folders.entries()) {
        const layer = image.layers[at] as string;
        if (skip?.(layer)) continue;
        const paths = only?.map((path) => `./${path}`) ?? ["."];
        const words = ["tar", "--create", "--file=-", "--numeric-owner", `--directory=${folder}`, "--", ...paths];
        try {
          await readOutput([...asRoot, ...words], (output) => readTar(output, (...file) => visit(layer, ...file)));
        } catch (error) {
          // Not every layer has the requested paths, and for tar a missing path is an error.
          if (only === undefined || !(error instanceof ImageCheckError)) throw error;
        }
      }
      return { config: await readText(configFile, asRoot), layers: image.layers, documents: new Map() };
    },
  };
}
