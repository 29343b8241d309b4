import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../config/machine.ts";

/** What outlives the container: a volume for each home. In the form of the container's `volumes`. */
export function createVolumes(
  name: string,
  machine: Pick<Machine, "users">,
  parent: pulumi.Resource,
): docker.types.input.ContainerVolume[] {
  return machine.users.map((user) => {
    const volume = new docker.Volume(
      `${name}-home-${user.name}`,
      { name: `${name}-home-${user.name}` },
      { parent, protect: true }, // a researcher's work: only `down --purge` removes it
    );
    return { volumeName: volume.name, containerPath: `/home/${user.name}` };
  });
}
