import { type CheckResult, error, notVisible, passed, warning } from "../model/check-result.ts";
import { type Device, isPattern, matchesPattern } from "../model/device.ts";
import type { DeviceFile, FoundDevice } from "../observe/devices.ts";

/**
 * Checks that the Docker host has the devices, and that a user who is not root can open them.
 *
 * @param found undefined where the host's devices are not visible
 * @param existing the device files of the box that is up, which works without them until it is stopped; empty for none
 */
export function evaluateDeviceFiles(
  devices: readonly Device[],
  found: readonly FoundDevice[] | undefined,
  existing: readonly string[],
): CheckResult[] {
  return devices.flatMap(({ path }) => {
    if (found === undefined) return notVisible(`device ${path}`);
    const files = found.find((one) => one.path === path)?.files ?? [];
    return files.length === 0 ? evaluateMissing(path, existing) : evaluateAccess(path, files);
  });
}

function evaluateMissing(path: string, existing: readonly string[]): CheckResult[] {
  const report = existing.some((one) => one === path || matchesPattern(one, path)) ? warning : error;
  return report(
    `device ${path}`,
    isPattern(path) ? "no device file of this host matches it" : "this host has no such device file",
    "a device file, or a folder of them",
    "connect the device and load its driver (sudo modprobe MODULE); or remove it from benchbox:devices in Pulumi.<stack>.yaml",
  );
}

function evaluateAccess(path: string, files: readonly DeviceFile[]): CheckResult[] {
  const closed = files.filter(({ gid, mode }) => (mode & 0o006) === 0 && (gid === 0 || (mode & 0o060) === 0));
  const [first] = closed;
  if (first === undefined) return passed(`device ${path}`, files.map((file) => file.path).join(", "));
  const rule = `KERNEL=="${first.path.split("/").at(-1)}", GROUP="dialout", MODE="0660"`;
  return warning(
    `device ${path}`,
    `${first.path} is accessible to root only: in the box it needs sudo`,
    "a device file with a group that may open it",
    `add a udev rule, for example: echo '${rule}' | sudo tee /etc/udev/rules.d/99-benchbox.rules && sudo udevadm trigger`,
  );
}
