import { posix } from "node:path";
import { z } from "zod";
import "./key-meta.ts";
import type { Checked } from "../model/checked.ts";
import { type Device, isPattern } from "../model/device.ts";
import type { Problem } from "../model/problem.ts";

const rule = "must be a device file, for example /dev/video0, /dev/video* or /dev/fuse:rw";

export const deviceOptions = z
  .array(
    z
      .string(rule)
      .regex(/^\/dev\/[^\0\n,:]+(:.*)?$/, { error: rule, abort: true })
      .regex(/^[^:]*(:(?!.*(.).*\2)[rwm]+)?$/, "must end with permissions of r, w and m (mknod), for example :rw"),
    "must be a list of device files, for example [/dev/video0]",
  )
  .default([])
  .meta({
    description:
      "Device files of the Docker host, each with the permissions `rwm` unless it ends with others. A folder stands for the devices " +
      "in it; `*`, `?` and `[…]` are resolved at `up`. Every user of the box gets the group of each device, such as video, render or " +
      "dialout.",
    examples: [["/dev/video*", "/dev/infiniband", "/dev/fuse:rwm"]],
    effect: "new container",
  });

/** @param isLocal whether the Docker host is this computer, whose devices a pattern can be compared with */
export function readDevices(
  written: readonly string[],
  isLocal: boolean,
  problem: (index: number, message: string) => Problem,
): Checked<Device[]> {
  const problems: Problem[] = [];
  const value = written.map((text): Device => {
    const [path = "", permissions = "rwm"] = text.split(":");
    return { path: posix.normalize(path).replace(/\/+$/, ""), permissions };
  });
  for (const [index, { path }] of value.entries()) {
    if (!path.startsWith("/dev/")) {
      problems.push(problem(index, `${path} is not below /dev; name a device file`));
    } else if (/^\/dev\/nvidia/.test(path)) {
      problems.push(problem(index, `${path} belongs to the GPUs, which \`gpu\` gives to the box; remove it`));
    } else if (isPattern(path) && !isLocal) {
      const fix = "write the paths (ssh to the host and list them)";
      problems.push(problem(index, `${path} cannot be resolved here: the Docker host is another computer; ${fix}`));
    } else if (value.findIndex((other) => other.path === path) < index) {
      problems.push(problem(index, `${path} is listed twice; remove one of the two`));
    }
  }
  return problems.length > 0 ? { problems } : { value };
}
