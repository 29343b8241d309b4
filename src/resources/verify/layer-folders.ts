import { basename, dirname, join } from "node:path";
import { readTar } from "./archive.ts";
import { isReadable, readAsRoot, readText } from "./engine-files.ts";
import type { InspectedImage } from "./engine-image.ts";
import { ImageCheckError, type ImageSource } from "./source.ts";

/**
 * The fast source for overlay2: the Docker Engine's folders of the layers, and its file with the image's config.
 *
 * @returns undefined unless this host has these folders and they are readable as root or with `sudo -n`
 */
export async function layerFolders({ id, folders, layers }: InspectedImage): Promise<ImageSource | undefined> {
  const [first] = folders ?? [];
  if (folders === undefined || first === undefined) return undefined;
  // <root>/overlay2/<layer>/diff and <root>/image/overlay2/imagedb/content/sha256/<id>
  const root = dirname(dirname(dirname(first)));
  const configFile = join(root, "image/overlay2/imagedb/content/sha256", basename(id.replace("sha256:", "")));
  if (!(await isReadable(configFile))) return undefined;

  return {
    way: "the Docker Engine's layer folders",
    async read({ skip, only, visit }) {
      for (const [at, folder] of folders.entries()) {
        const layer = layers[at] as string;
        if (skip?.(layer)) continue;
        const paths = only?.map((path) => `./${path}`) ?? ["."];
        const words = ["tar", "--create", "--file=-", "--numeric-owner", `--directory=${folder}`, "--", ...paths];
        try {
          await readAsRoot(words, (output) => readTar(output, (...file) => visit(layer, ...file)));
        } catch (error) {
          // Not every layer has the requested paths, and for tar a missing path is an error.
          if (only === undefined || !(error instanceof ImageCheckError)) throw error;
        }
      }
      return { config: await readText(configFile), layers, documents: new Map() };
    },
  };
}
