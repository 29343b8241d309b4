import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { containerLabels } from "../src/model/container-mark.ts";
import type { Machine } from "../src/model/machine.ts";
import { volumeName } from "../src/model/volume-name.ts";

/**
 * The volumes that outlive the container, by the key of their storage place.
 *
 * @param kept names of volumes that the stack has and the container does not see: a folder of the machine stands in their place
 *   now, or their user is none any more. Their data stays until `down --purge`
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

/** A researcher's work: only `down --purge` removes it. By its label the stack knows it when nothing declared names it any more. */
function createVolume(volume: string, box: string, parent: pulumi.Resource): docker.Volume {
  const labels = [{ label: containerLabels.box, value: box }];
  // A label that is given later would be another volume: one of an earlier version stays without.
  return new docker.Volume(volume, { name: volume, labels }, { parent, protect: true, ignoreChanges: ["labels"] });
}
