import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isPodman } from "../model/podman.ts";
import { docker } from "./docker.ts";

/** What `docker info` says of the engine and its machine, as far as it matters here. */
export interface EngineInfo {
  readonly ServerVersion: string;
  /** How images are stored: `overlay2`, `overlayfs` (containerd's), `vfs` … */
  readonly Driver: string;
  /** `["driver-type", "io.containerd.snapshotter.v1"]` among them where containerd stores the images. */
  readonly DriverStatus?: readonly (readonly [string, string])[] | null;
  /** Older engines, 26.1 among them, do not say which containerd they use. */
  readonly Containerd?: { readonly Address: string } | null;
  /** `cgroupfs`, `systemd`, or `none`: of a rootless engine without cgroup v2. */
  readonly CgroupDriver?: string;
  readonly DockerRootDir: string;
  readonly Runtimes: Readonly<Record<string, unknown>>;
  /** Devices that the engine can hand out by the Container Device Interface; engines before 28.2 do not say. */
  readonly DiscoveredDevices?: readonly { readonly ID: string }[] | null;
  /** Where it looks for their specifications; none where CDI is off. */
  readonly CDISpecDirs?: readonly string[] | null;
  readonly NCPU: number;
  /** Bytes. */
  readonly MemTotal: number;
  /** Whether the kernel lets the engine limit them. */
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
 * Why there is no answer: no docker client, no right to use the engine, a client that it does not understand, no engine,
 * or Podman in its place.
 */
export interface NoEngine {
  readonly problem: "no-client" | "denied" | "other-version" | "silent" | "podman";
  /** What the client said; Podman's version. */
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

/** Podman answers as Docker does, only `docker version` names it. It has no index server, so Docker is not asked twice. */
async function askIsPodman({ IndexServerAddress }: { readonly IndexServerAddress?: string }): Promise<boolean> {
  if (IndexServerAddress) return false;
  const { stdout } = await docker(["version", "--format", "{{json .Server.Components}}"]);
  return isPodman(stdout);
}

/**
 * The docker client's context, from where the client itself has it: asking it takes longer than all that we want of it.
 * Source: https://docs.docker.com/engine/manage-resources/contexts/, "Use a different context".
 */
export async function askContext(): Promise<string> {
  if (process.env.DOCKER_CONTEXT) return process.env.DOCKER_CONTEXT;
  const file = join(process.env.DOCKER_CONFIG || join(homedir(), ".docker"), "config.json");
  try {
    return JSON.parse(await readFile(file, "utf8")).currentContext || "default";
  } catch {
    return "default"; // no settings, or none that the client understands, which it says itself
  }
}
