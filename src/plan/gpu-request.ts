import type * as docker from "@pulumi/docker";
import { cdiNames, type GivenGpus, type GpuOffer } from "../model/gpu.ts";
import type { GpuSettings } from "../model/machine.ts";

/**
 * Which GPUs the box gets, and how; undefined for none. Left to itself (`auto`), CDI where the engine has those devices,
 * since a reload of systemd leaves them alone. A box that has the same GPUs already keeps its way while the engine can
 * go it, so that an engine that begins to offer CDI does not replace it.
 *
 * @param existing how the box that is there has its GPUs; undefined, too, for one that never started with them
 */
export function planGpus(
  { devices, mode }: GpuSettings,
  offer: GpuOffer | undefined,
  existing: GivenGpus | undefined,
): GivenGpus | undefined {
  if (devices === "none") return undefined;
  if (mode !== "auto") return { mode, devices };
  const kept = existing && isSame(existing.devices, devices) ? existing.mode : undefined;
  if (kept === "cdi" && offer?.CDISpecDirs?.length && !offer.DiscoveredDevices) return { mode: kept, devices };
  return { mode: kept !== "runtime" && hasCdi(offer, devices) ? "cdi" : "runtime", devices };
}

/** The plan as the container resource's arguments. */
export function gpuArgs(plan: GivenGpus | undefined): Pick<docker.ContainerArgs, "gpus" | "deviceRequests"> {
  if (plan === undefined) return {};
  const { mode, devices } = plan;
  if (mode === "cdi") return { deviceRequests: [{ driver: "cdi", deviceIds: cdiNames(devices) }] };
  if (devices === "all") return { gpus: "all" };
  // Not as `gpus: "device=0,2"`: the plugin reads that as device 0 and a number of GPUs, 2, which the engine refuses.
  return { deviceRequests: [{ driver: "nvidia", deviceIds: [...devices], capabilities: ["gpu"] }] };
}

/**
 * The container's own word to NVIDIA's runtime, where that is not what gives it GPUs: the CUDA image's own is `all`, which an
 * engine whose default runtime is NVIDIA's would follow.
 */
export function gpuEnvironment(plan: GivenGpus | undefined): Readonly<Record<string, string>> {
  return plan?.mode === "runtime" ? {} : { NVIDIA_VISIBLE_DEVICES: "void" };
}

function hasCdi(offer: GpuOffer | undefined, devices: GivenGpus["devices"]): boolean {
  const offered = new Set((offer?.DiscoveredDevices ?? []).map(({ ID }) => ID));
  return cdiNames(devices).every((name) => offered.has(name));
}

function isSame(some: GivenGpus["devices"], others: GivenGpus["devices"]): boolean {
  const sorted = (devices: GivenGpus["devices"]) => (devices === "all" ? devices : [...devices].sort().join());
  return sorted(some) === sorted(others);
}
