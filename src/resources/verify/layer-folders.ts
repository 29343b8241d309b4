import { basename, dirname, join } from "node:path";
import { readTar } from "./archive.ts";
import { CannotCheck } from "./cannot-check.ts";
import { textOf, wayToRead } from "./engine-files.ts";
import type { InspectedImage } from "./engine-image.ts";
import type { ImageSource } from "./source.ts";
import { readOutput } from "./stream-program.ts";

/**
 * The quick way: the engine's own folders of the layers, as overlay2 has them, and its own file of the image's config.
 * Undefined when there are none on this machine that we may read, as root or by `sudo -n`.
 */
export async function layerFolders(image: InspectedImage): Promise<ImageSource | undefined> {
  const { folders } = image;
  const [first] = folders ?? [];
  if (folders === undefined || first === undefined) return undefined;
  // <root>/overlay2/<layer>/diff and <root>/image/overlay2/imagedb/content/sha256/<id>
  const root = dirname(dirname(dirname(first)));
  const configFile = join(root, "image/overlay2/imagedb/content/sha256", basename(image.id.replace("sha256:", "")));
  const asRoot = await wayToRead(configFile);
  if (asRoot === undefined) return undefined;

  return {
    way: "the engine's layer folders",
    async read({ skip, only, visit }) {
      for (const [at, folder] of folders.entries()) {
        const layer = image.layers[at] as string;
        if (skip?.(layer)) continue;
        const paths = only?.map((path) => `./${path}`) ?? ["."];
        const words = ["tar", "--create", "--file=-", "--numeric-owner", `--directory=${folder}`, "--", ...paths];
        try {
          await readOutput([...asRoot, ...words], (output) => readTar(output, (...file) => visit(layer, ...file)));
        } catch (error) {
          // Not every layer has the paths that are asked for, and tar calls that an error.
          if (only === undefined || !(error instanceof CannotCheck)) throw error;
        }
      }
      return { config: await textOf(configFile, asRoot), layers: image.layers, documents: new Map() };
    },
  };
}
