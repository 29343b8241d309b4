import { existsSync } from "node:fs";
import { readFile, stat, statfs } from "node:fs/promises";
import type { EngineInfo } from "./docker-engine.ts";

/** A disk that the Docker Engine stores data on. */
export interface EngineDisk {
  readonly folder: string;
  readonly freeBytes: number;
}

/** The disk of the Docker Engine's images and containers, and the disk of its volumes where that differs. */
export interface EngineDisks {
  readonly images: EngineDisk;
  readonly volumes?: EngineDisk | undefined;
}

type Storage = Pick<EngineInfo, "DockerRootDir" | "Driver" | "DriverStatus" | "Containerd">;

/** Undefined where this user cannot access the folders, or they are on another computer. */
export async function observeDisks(engine: Storage, root = "/"): Promise<EngineDisks | undefined> {
  const folder = await imageFolder(engine, root);
  const [images, volumes] = await Promise.all([inspectDisk(folder), inspectDisk(engine.DockerRootDir)]);
  if (images === undefined) return undefined;
  const { device, ...disk } = images;
  if (volumes === undefined || volumes.device === device) return { images: disk };
  return { images: disk, volumes: { folder: volumes.folder, freeBytes: volumes.freeBytes } };
}

/**
 * The folder of the images: the data root, unless the system's containerd stores them instead of dockerd's own.
 *
 * @param root the host's root folder
 */
export async function imageFolder({ DockerRootDir, DriverStatus, Containerd }: Storage, root = "/"): Promise<string> {
  const usesContainerd = DriverStatus?.some(([key, value]) => key === "driver-type" && isSnapshotter(value)) ?? false;
  if (!usesContainerd) return DockerRootDir;
  // A Docker Engine that does not report its containerd uses the system's where there is one.
  const isSystemContainerd =
    Containerd?.Address === undefined
      ? existsSync(`${root}run/containerd/containerd.sock`)
      : /^(\/var)?\/run\/containerd\/containerd\.sock$/.test(Containerd.Address);
  return isSystemContainerd ? systemContainerdRoot(root) : DockerRootDir;
}

const isSnapshotter = (type: string): boolean => type.startsWith("io.containerd.snapshotter.");

/** The system containerd's data folder: `root` in its settings, a key before all tables. */
export async function systemContainerdRoot(root = "/"): Promise<string> {
  const settings = await readFile(`${root}etc/containerd/config.toml`, "utf8").catch(() => "");
  const [top = ""] = settings.split(/^\s*\[/m);
  return /^\s*root\s*=\s*["'](.+?)["']/m.exec(top)?.[1] ?? "/var/lib/containerd";
}

async function inspectDisk(folder: string): Promise<(EngineDisk & { device: number }) | undefined> {
  const seen = await Promise.all([statfs(folder), stat(folder)]).catch(() => undefined);
  return seen && { folder, freeBytes: seen[0].bavail * seen[0].bsize, device: seen[1].dev };
}
