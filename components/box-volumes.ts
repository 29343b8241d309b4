import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../config/machine.ts";
import { containerLabels } from "../lib/container-mark.ts";
import { volumeName } from "../lib/volume-name.ts";

export interface BoxStorage {
  readonly volumes: docker.types.input.ContainerVolume[];
  readonly mounts: docker.types.input.ContainerMount[];
}

/**
 * What outlives the container, and the folders of the engine's machine that it sees. In the form of the container's
 * arguments of these names.
 *
 * @param kept names of volumes that the stack has and the container does not see: a folder of the machine stands in their place
 *   now, or their user is none any more. Their data stays until `down --purge`
 */
export function createStorage(
  name: string,
  { storage, mounts }: Pick<Machine, "storage" | "mounts">,
  kept: readonly string[],
  parent: pulumi.Resource,
): BoxStorage {
  const volumes = storage
    .filter(({ hostPath }) => hostPath === undefined)
    .map(({ key, path }) => ({
      volumeName: createVolume(volumeName(name, key), name, parent).name,
      containerPath: path,
    }));
  for (const volume of kept) createVolume(volume, name, parent);
  const folders = [
    ...storage.flatMap(({ hostPath, path }) => (hostPath ? [{ host: hostPath, path, readOnly: false }] : [])),
    ...mounts,
  ];
  return { volumes, mounts: folders.map(bind) };
}

/** A researcher's work: only `down --purge` removes it. By its label the stack knows it when nothing declared names it any more. */
function createVolume(volume: string, box: string, parent: pulumi.Resource): docker.Volume {
  const labels = [{ label: containerLabels.box, value: box }];
  // A label that is given later would be another volume: one of an earlier version stays without.
  return new docker.Volume(volume, { name: volume, labels }, { parent, protect: true, ignoreChanges: ["labels"] });
}

/** As a mount, not as a volume: of a volume, a folder that is not there would be made by the engine, root's. */
const bind = ({ host, path, readOnly }: Machine["mounts"][number]): docker.types.input.ContainerMount => ({
  type: "bind",
  source: host,
  target: path,
  readOnly,
});
