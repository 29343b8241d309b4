import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { containerLabels } from "../src/model/container-mark.ts";
import type { Machine, VolumeMount } from "../src/model/machine.ts";
import { mountedVolume, volumeName } from "../src/model/volume-name.ts";

/**
 * Creates the volumes that outlive the container, and returns them by name.
 *
 * @param kept names of the stack's volumes that are no longer in use, because a folder of the host replaced them or their user was
 *   removed. Their data stays until `down --purge`
 */
export function createVolumes(
  name: string,
  { storage, mounts }: Pick<Machine, "storage" | "mounts">,
  kept: readonly string[],
  parent: pulumi.Resource,
): ReadonlyMap<string, docker.Volume> {
  const places = storage.filter(({ hostPath }) => hostPath === undefined);
  for (const volume of kept) createVolume(volume, name, parent);
  const names = places.map(({ key }) => volumeName(name, key));
  const created = new Map(names.map((volume) => [volume, createVolume(volume, name, parent)]));
  for (const one of mounts) {
    if (!("volume" in one) || one.created === undefined) continue;
    const volume = mountedVolume(name, one);
    if (!created.has(volume)) created.set(volume, createVolume(volume, name, parent, one.created));
  }
  return created;
}

/** Protected, so that only `down --purge` removes it. Its label identifies it when the configuration no longer names it. */
function createVolume(
  volume: string,
  box: string,
  parent: pulumi.Resource,
  { driver, options }: Partial<NonNullable<VolumeMount["created"]>> = {},
): docker.Volume {
  const labels = [{ label: containerLabels.box, value: box }];
  // A new label would replace the volume, so one of an earlier version stays without it.
  return new docker.Volume(
    volume,
    { name: volume, labels, ...(driver && { driver, driverOpts: options ?? {} }) },
    { parent, protect: true, ignoreChanges: ["labels"] },
  );
}
