import { isPodman } from "../model/podman.ts";
import { docker } from "./docker.ts";

/** The parts of `docker info` that benchbox reads. */
export interface EngineInfo {
  readonly ServerVersion: string;
  /** The storage driver: `overlay2`, `overlayfs` (containerd's), `vfs` … */
  readonly Driver: string;
  /** Contains `["driver-type", "io.containerd.snapshotter.v1"]` where containerd stores the images. */
  readonly DriverStatus?: readonly (readonly [string, string])[] | null;
  /** Older engines, such as 26.1, do not report which containerd they use. */
  readonly Containerd?: { readonly Address: string } | null;
  /** `cgroupfs`, `systemd`, or `none` for a rootless engine without cgroup v2. */
  readonly CgroupDriver?: string;
  readonly DockerRootDir: string;
  readonly Runtimes: Readonly<Record<string, unknown>>;
  /** Devices that the engine offers through the Container Device Interface; engines before 28.2 do not report them. */
  readonly DiscoveredDevices?: readonly { readonly ID: string }[] | null;
  /** Folders of the CDI specifications; none where CDI is off. */
  readonly CDISpecDirs?: readonly string[] | null;
  readonly NCPU: number;
  /** Bytes. */
  readonly MemTotal: number;
  /** Whether the kernel lets the engine set this limit, as for the three below. */
  readonly CpuCfsQuota?: boolean;
  readonly MemoryLimit?: boolean;
  readonly SwapLimit?: boolean;
  readonly PidsLimit?: boolean;
  /** See `EngineSecurity`. */
  readonly SecurityOptions?: readonly string[] | null;
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly Architecture: string;
}

/**
 * Why the Docker Engine cannot be used: no docker client (`no-client`), no permission (`denied`), an incompatible client
 * (`other-version`), no answer (`silent`), or Podman in its place.
 */
export interface NoEngine {
  readonly problem: "no-client" | "denied" | "other-version" | "silent" | "podman";
  /** The client's message, or Podman's version. */
  readonly reason: string;
}

export async function askEngine(): Promise<EngineInfo | NoEngine> {
  const { ok, stdout, stderr, startError } = await docker(["info", "--format", "{{json .}}"]);
  if (startError === "ENOENT") return { problem: "no-client", reason: startError };
  const info = ok ? JSON.parse(stdout) : undefined;
  if (info?.DockerRootDir) return (await askIsPodman(info)) ? { problem: "podman", reason: info.ServerVersion } : info;
  const reason: string = info?.ServerErrors?.join(" ") ?? stderr;
  if (/permission denied/i.test(reason)) return { problem: "denied", reason };
  return { problem: /client version \S+ is too (old|new)/.test(reason) ? "other-version" : "silent", reason };
}

/** Only `docker version` distinguishes Podman. Podman has no index server, which saves the second request where Docker answers. */
async function askIsPodman({ IndexServerAddress }: { readonly IndexServerAddress?: string }): Promise<boolean> {
  if (IndexServerAddress) return false;
  const { stdout } = await docker(["version", "--format", "{{json .Server.Components}}"]);
  return isPodman(stdout);
}
