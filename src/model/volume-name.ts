import { hashOf } from "./hash.ts";
import type { VolumeMount } from "./machine.ts";

/** Name of the volume for a storage path of a box, for example `benchbox-sandbox-home-peid`. */
export const volumeName = (box: string, key: string): string => `${box}-${key}`;

/**
 * Name of a mounted volume on the Docker Engine. One that the stack creates has a name of its own for each driver and its options: other
 * options are another volume, and the former one keeps its data.
 */
export function mountedVolume(box: string, { volume, created }: Pick<VolumeMount, "volume" | "created">): string {
  if (created === undefined) return volume;
  const options = Object.entries(created.options).sort().flat();
  return volumeName(box, `${volume}-${hashOf(created.driver, ...options).slice(0, 6)}`);
}
