import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Device, isPattern, matchesPart } from "../model/device.ts";

/** The device files of this computer that a configured path stands for. */
export interface FoundDevice {
  /** As configured. */
  readonly path: string;
  /** Empty for a missing one. */
  readonly files: readonly DeviceFile[];
}

export interface DeviceFile {
  readonly path: string;
  readonly gid: number;
  readonly mode: number;
}

export const observeDevices = (devices: readonly Device[]): Promise<FoundDevice[]> =>
  Promise.all(
    devices.map(async ({ path }) => {
      const paths = isPattern(path) ? await resolve(path) : [path];
      const files = await Promise.all(paths.map(inspectDevice));
      return { path, files: files.filter((file) => file !== undefined) };
    }),
  );

/** The existing paths that match a pattern, sorted. */
async function resolve(pattern: string): Promise<string[]> {
  let found = ["/"];
  for (const part of pattern.split("/").filter(Boolean)) {
    const next = found.map(async (folder) => {
      if (!isPattern(part)) return [join(folder, part)];
      const names = await readdir(folder).catch(() => []);
      return names.filter((name) => matchesPart(name, part)).map((name) => join(folder, name));
    });
    found = (await Promise.all(next)).flat();
  }
  return found.sort();
}

async function inspectDevice(path: string): Promise<DeviceFile | undefined> {
  const status = await stat(path).catch(() => undefined);
  const isUsable = status?.isCharacterDevice() || status?.isBlockDevice() || status?.isDirectory();
  return status && isUsable ? { path, gid: status.gid, mode: status.mode } : undefined;
}
