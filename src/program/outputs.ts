import type { BaseImage } from "../../components/base-image.ts";
import type { DevImage } from "../../components/dev-image.ts";
import type { GpuContainer } from "../../components/gpu-container.ts";
import type { GivenGpus } from "../model/gpu.ts";
import type { Machine } from "../model/machine.ts";
import { x11Output } from "../plan/box-x11.ts";

/** The stack's outputs: how to reach the box, and its parts. They contain no secrets. */
export function outputsOf(
  machine: Machine,
  gpus: GivenGpus | undefined,
  base: BaseImage,
  image: DevImage,
  box: GpuContainer,
) {
  const { host, port, jump } = machine.ssh;
  const via = jump === undefined ? {} : { jump };
  const user = machine.users[0].name;
  return {
    ssh: {
      host,
      port,
      ...via,
      user,
      hostKey: box.hostKey,
      command: `ssh ${jump ? `-J ${jump} ` : ""}-p ${port} ${user}@${host}`,
    },
    x11: x11Output(machine.x11),
    gpu: gpus ?? { mode: "none", devices: "none" },
    image: { name: image.reference, id: image.id, baseId: base.identity },
    container: { name: box.containerName, id: box.containerId },
  };
}
