import { readFile } from "node:fs/promises";

/** Another one each time this machine starts, with which some settings are gone. */
export const observeBoot = async (): Promise<string> =>
  (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
