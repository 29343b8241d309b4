import { readFileSync } from "node:fs";
import { isRemoteEngine } from "../model/engine-address.ts";
import { docker } from "./docker.ts";

/** The kernel's list of memory nodes, as in `0-1`. A container sees all of the host's. */
export const nodesFile = "/sys/devices/system/node/online";

/** The memory nodes of the Docker host; undefined where it is another computer and the container does not run. */
export async function observeNodes(container: string): Promise<string | undefined> {
  if (!isRemoteEngine(process.env.DOCKER_HOST || undefined)) return localNodes();
  const { ok, stdout } = await docker(["exec", container, "cat", nodesFile]);
  return ok ? stdout.trim() : undefined;
}

/** Those of this computer; `0` where the kernel has no memory nodes. */
export const localNodes = (): string => read(nodesFile) ?? "0";

/** The CPUs that the kernel uses, as in `0-63`; undefined where it does not say. */
export const onlineCpus = (): string | undefined => read("/sys/devices/system/cpu/online");

/** The number of reserved huge pages of a size; undefined where the kernel has none of that size. */
export function reservedHugePages(size: "2m" | "1g"): number | undefined {
  const text = read(`/sys/kernel/mm/hugepages/hugepages-${size === "2m" ? 2048 : 1048576}kB/nr_hugepages`);
  return text === undefined ? undefined : Number(text);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
