import { readFile, stat, statfs } from "node:fs/promises";
import type { EngineInfo } from "./docker-engine.ts";

/** A disk on which the engine keeps something. */
export interface EngineDisk {
  readonly folder: string;
  readonly freeBytes: number;
}

/** The disk of the engine's images and containers, and that of its volumes where it is another one. */
export interface EngineDisks {
  readonly images: EngineDisk;
  readonly volumes?: EngineDisk | undefined;
}

type Storage = Pick<EngineInfo, "DockerRootDir" | "Driver" | "DriverStatus" | "Containerd">;

/** Undefined where the folders are not ours to see, or another machine's. */
export async function observeDisks(engine: Storage, machine = "/"): Promise<EngineDisks | undefined> {
  const folder = await imageFolder(engine, machine);
  const [images, volumes] = await Promise.all([look(folder), look(engine.DockerRootDir)]);
  if (images === undefined) return undefined;
  const { device, ...disk } = images;
  if (volumes === undefined || volumes.device === device) return { images: disk };
  return { images: disk, volumes: { folder: volumes.folder, freeBytes: volumes.freeBytes } };
}

/**
 * Where images are: in the data root, unless containerd stores them and is not dockerd's own.
 *
 * @param machine where the machine's files are
 */
export async function imageFolder(
  { DockerRootDir, DriverStatus, Containerd }: Storage,
  machine = "/",
): Promise<string> {
  const isContainerds = DriverStatus?.some(([key, value]) => key === "driver-type" && isSnapshotter(value)) ?? false;
  if (!isContainerds) return DockerRootDir;
  // An engine that does not say which it uses takes the machine's where there is one, as dockerd does.
  const isMachines =
    Containerd?.Address === undefined
      ? await exists(`${machine}run/containerd/containerd.sock`)
      : /^(\/var)?\/run\/containerd\/containerd\.sock$/.test(Containerd.Address);
  return isMachines ? machinesContainerdRoot(machine) : DockerRootDir;
}

const isSnapshotter = (type: string): boolean => type.startsWith("io.containerd.snapshotter.");

/** Where the machine's own containerd keeps its files: `root` of its settings, which stands before all tables. */
export async function machinesContainerdRoot(machine = "/"): Promise<string> {
  const settings = await readFile(`${machine}etc/containerd/config.toml`, "utf8").catch(() => "");
  const [top = ""] = settings.split(/^\s*\[/m);
  return /^\s*root\s*=\s*["'](.+?)["']/m.exec(top)?.[1] ?? "/var/lib/containerd";
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

async function look(folder: string): Promise<(EngineDisk & { device: number }) | undefined> {
  const seen = await Promise.all([statfs(folder), stat(folder)]).catch(() => undefined);
  return seen && { folder, freeBytes: seen[0].bavail * seen[0].bsize, device: seen[1].dev };
}
