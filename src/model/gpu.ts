/** How GPUs get into a container: as CDI devices of its own settings, or by the hook of NVIDIA's runtime. */
export type GpuWay = "cdi" | "runtime";

/** GPUs that a container is made with. */
export interface GivenGpus {
  readonly mode: GpuWay;
  readonly devices: "all" | readonly string[];
}

/** What `docker info` says that decides how GPUs can be given. */
export interface GpuOffer {
  /** Devices that the engine can give by CDI; engines before 28.2 do not say. */
  readonly DiscoveredDevices?: readonly { readonly ID: string }[] | null;
  /** Where the engine looks for CDI's specifications; none where CDI is off. */
  readonly CDISpecDirs?: readonly string[] | null;
}

/** The `HostConfig.DeviceRequests` of a container, as far as it matters here. */
export interface DeviceRequest {
  readonly Driver: string;
  readonly Count: number;
  readonly DeviceIDs: readonly string[] | null;
  readonly Capabilities: readonly (readonly string[])[] | null;
}

/** What the names of NVIDIA's CDI devices begin with. */
export const cdiKind = "nvidia.com/gpu=";

/** What a container was made with; undefined for no GPU. */
export function givenGpus(requests: readonly DeviceRequest[] | null): GivenGpus | undefined {
  for (const { Driver, Count, DeviceIDs, Capabilities } of requests ?? []) {
    const names = DeviceIDs ?? [];
    if (Driver === "cdi") {
      const ours = names.filter((name) => name.startsWith(cdiKind)).map((name) => name.slice(cdiKind.length));
      if (ours.length > 0) return { mode: "cdi", devices: ours.includes("all") ? "all" : ours };
    } else if (Driver === "nvidia" || Capabilities?.flat().includes("gpu")) {
      return { mode: "runtime", devices: Count === -1 ? "all" : names };
    }
  }
  return undefined;
}

/** The CDI devices for these GPUs, by their full names. */
export const cdiNames = (devices: GivenGpus["devices"]): string[] =>
  (devices === "all" ? ["all"] : devices).map((name) => `${cdiKind}${name}`);
