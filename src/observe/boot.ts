import { readFile } from "node:fs/promises";

/** An id that changes at each boot of the host, which resets settings such as GPU clocks. */
export const observeBoot = async (): Promise<string> =>
  (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
