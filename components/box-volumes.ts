import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../config/machine.ts";
import { volumeName } from "../lib/volume-name.ts";

export interface BoxStorage {
  readonly volumes: docker.types.input.ContainerVolume[];
  readonly mounts: docker.types.input.ContainerMount[];
}

/**
 * What outlives the container, and the folders of the engine's machine that it sees. In the form of the container's
 * arguments of these names.
 *
 * @param kept names of volumes that the stack has, though a folder of the machine stands in their place now: their data
 *   stays until `down --purge`
 */
export function createStorage(
  name: string,
  { storage, mounts }: Pick<Machine, "storage" | "mounts">,
  kept: readonly string[],
  parent: pulumi.Resource,
): BoxStorage {
  const volumes = storage.flatMap(({ key, path, hostPath }) => {
    const volume = volumeName(name, key);
    if (hostPath !== undefined && !kept.includes(volume)) return [];
    const made = new docker.Volume(
      volume,
      { name: volume },
      { parent, protect: true }, // a researcher's work: only `down --purge` removes it
    );
    return hostPath === undefined ? [{ volumeName: made.name, containerPath: path }] : [];
  });
  const folders = [
    ...storage.flatMap(({ hostPath, path }) => (hostPath ? [{ host: hostPath, path, readOnly: false }] : [])),
    ...mounts,
  ];
  return { volumes, mounts: folders.map(bind) };
}

/** As a mount, not as a volume: of a volume, a folder that is not there would be made by the engine, root's. */
const bind = ({ host, path, readOnly }: Machine["mounts"][number]): docker.types.input.ContainerMount => ({
  type: "bind",
  source: host,
  target: path,
  readOnly,
});
