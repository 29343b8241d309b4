import type * as docker from "@pulumi/docker";
import { cdiNames, type GivenGpus, type GpuOffer } from "../model/gpu.ts";
import type { GpuSettings } from "../model/machine.ts";

/**
 * Which GPUs the box gets, and by which mode; undefined for none. `auto` picks CDI where the Docker Engine offers those devices,
 * because CDI devices survive a reload of systemd. A box that already has the same GPUs keeps its mode as long as the Docker Engine
 * supports it, so that an engine that starts to offer CDI does not cause a replacement.
 *
 * @param existing the GPUs of the current box; also undefined for a box that never started with them
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
  // Not `gpus: "device=0,2"`: the Docker provider parses that as device 0 and a count of 2, which the Docker Engine rejects.
  return { deviceRequests: [{ driver: "nvidia", deviceIds: [...devices], capabilities: ["gpu"] }] };
}

/**
 * Keeps NVIDIA's runtime from adding GPUs where another mode, or none, does: CUDA images set `all`, which a Docker Engine with NVIDIA's
 * runtime as its default would follow.
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
