import { contentStore } from "./content-store.ts";
import type { InspectedImage } from "./engine-image.ts";
import { layerFolders } from "./layer-folders.ts";
import { savedImage } from "./saved-image.ts";
import type { ImageSource } from "./source.ts";

/**
 * The quickest way to read an image that there is.
 *
 * @param slowly as on an engine whose files are not at hand. @default false
 */
export async function imageSource(image: InspectedImage, slowly = false): Promise<ImageSource> {
  const quick = slowly ? undefined : ((await layerFolders(image)) ?? (await contentStore(image)));
  return quick ?? savedImage(image);
}
