import { type Device, isPattern, matchesPattern } from "../model/device.ts";
import type { FoundDevice } from "../observe/devices.ts";

/**
 * The device files that the container gets. A box that is up keeps those of a pattern that are gone from the host, so that a cable that
 * was pulled does not cause a replacement.
 *
 * @param found undefined where the host's devices are not visible
 * @param existing the device files of the box that is up; empty for none
 */
export function planDevices(
  devices: readonly Device[],
  found: readonly FoundDevice[] | undefined,
  existing: readonly string[],
): Device[] {
  const given = new Map<string, Device>();
  for (const { path, permissions } of devices) {
    const files = found?.find((one) => one.path === path)?.files ?? [];
    const paths = isPattern(path)
      ? [...files.map((file) => file.path), ...existing.filter((one) => matchesPattern(one, path))]
      : [path];
    for (const one of paths) if (!given.has(one)) given.set(one, { path: one, permissions });
  }
  return [...given.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
