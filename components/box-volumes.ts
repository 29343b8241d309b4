import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { containerLabels } from "../src/model/container-mark.ts";
import type { Machine } from "../src/model/machine.ts";
import { volumeName } from "../src/model/volume-name.ts";

/**
 * Creates the volumes that outlive the container, and returns them by the key of their storage place.
 *
 * @param kept names of the stack's volumes that are no longer in use, because a folder of the host replaced them or their user was
 *   removed. Their data stays until `down --purge`
 */
export function createVolumes(
  name: string,
  { storage }: Pick<Machine, "storage">,
  kept: readonly string[],
  parent: pulumi.Resource,
): ReadonlyMap<string, docker.Volume> {
  const places = storage.filter(({ hostPath }) => hostPath === undefined);
  for (const volume of kept) createVolume(volume, name, parent);
  return new Map(places.map(({ key }) => [key, createVolume(volumeName(name, key), name, parent)]));
}

/** Protected, so that only `down --purge` removes it. Its label identifies it when the configuration no longer names it. */
function createVolume(volume: string, box: string, parent: pulumi.Resource): docker.Volume {
  const labels = [{ label: containerLabels.box, value: box }];
  // A new label would replace the volume, so one of an earlier version stays without it.
  return new docker.Volume(volume, { name: volume, labels }, { parent, protect: true, ignoreChanges: ["labels"] });
}
