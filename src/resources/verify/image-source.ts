import { contentStore } from "./content-store.ts";
import type { InspectedImage } from "./engine-image.ts";
import { layerFolders } from "./layer-folders.ts";
import { savedImage } from "./saved-image.ts";
import type { ImageSource } from "./source.ts";

/**
 * The fastest available source of an image.
 *
 * @param slowly uses `docker save`, as for a Docker Engine whose files are not readable. @default false
 */
export async function imageSource(image: InspectedImage, slowly = false): Promise<ImageSource> {
  const fast = slowly ? undefined : ((await layerFolders(image)) ?? (await contentStore(image)));
  return fast ?? savedImage(image);
}
