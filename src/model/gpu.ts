/** How GPUs get into a container: as CDI devices in its settings, or through the hook of the NVIDIA runtime. */
export type GpuMode = "cdi" | "runtime";

/** GPUs that a container is created with. */
export interface GivenGpus {
  readonly mode: GpuMode;
  readonly devices: "all" | readonly string[];
}

/** The part of `docker info` that determines how a container can get GPUs. */
export interface GpuOffer {
  /** CDI devices of the Docker Engine; engines before 28.2 do not list them. */
  readonly DiscoveredDevices?: readonly { readonly ID: string }[] | null;
  /** Folders with CDI specifications; none when CDI is off. */
  readonly CDISpecDirs?: readonly string[] | null;
}

/** The relevant part of a container's `HostConfig.DeviceRequests`. */
export interface DeviceRequest {
  readonly Driver: string;
  readonly Count: number;
  readonly DeviceIDs: readonly string[] | null;
  readonly Capabilities: readonly (readonly string[])[] | null;
}

/** Prefix of the names of NVIDIA's CDI devices. */
export const cdiKind = "nvidia.com/gpu=";

/** The GPUs that a container was created with; undefined for none. */
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

/** The full names of the CDI devices for these GPUs. */
export const cdiNames = (devices: GivenGpus["devices"]): string[] =>
  (devices === "all" ? ["all"] : devices).map((name) => `${cdiKind}${name}`);
