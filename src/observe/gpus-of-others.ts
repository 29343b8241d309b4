import { containerLabels } from "../model/container-mark.ts";
import { type DeviceRequest, givenGpus } from "../model/gpu.ts";
import { inspect, listByDocker } from "./docker.ts";

interface Container {
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
  readonly HostConfig: { readonly DeviceRequests: readonly DeviceRequest[] | null };
}

/**
 * The indices and UUIDs of the GPUs that the other boxes of the Docker Engine were created with. A box with all GPUs names none: it shares
 * them in any case.
 *
 * @param box name of the box itself
 */
export async function observeGpusOfOthers(box: string): Promise<string[]> {
  const ids = await listByDocker(["container", "ls", "--all", "--quiet", "--filter", `label=${containerLabels.box}`]);
  const others = (await inspect<Container>("container", ids)).filter(
    ({ Config }) => Config.Labels?.[containerLabels.box] !== box,
  );
  return others.flatMap(({ HostConfig }) => {
    const given = givenGpus(HostConfig.DeviceRequests);
    return given === undefined || given.devices === "all" ? [] : [...given.devices];
  });
}
