import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isAtLeast } from "../model/version.ts";
import type { EngineProcess } from "./engine-process.ts";

/**
 * Whether the Docker Engine knows the program that `docker run --gpus` needs, which it looks up on its PATH once, at its start.
 * `too-late`: the program exists, but was installed after the engine's start.
 */
export type GpuHook = "known" | "too-late" | "missing";

const hook = "nvidia-container-runtime-hook";
/** Docker 29 also accepts this one (https://github.com/moby/moby/pull/50228), which is in the toolkit's base package. */
const cdiHook = "nvidia-cdi-hook";
/** PATH of a systemd service, https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#$PATH. */
const servicePath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** A folder of the toolkit's packages that upgrades keep, whereas they replace the programs. */
const keptFolder = "/etc/nvidia-container-runtime";

/**
 * Undefined where the engine's PATH is not visible and the program is not on a service's default PATH.
 *
 * @param version the engine's version
 */
export async function observeGpuHook(
  { startedAt, path }: EngineProcess,
  version: string,
  toolkitFolder = keptFolder,
): Promise<GpuHook | undefined> {
  const hooks = isAtLeast(version, "29.0") ? [hook, cdiHook] : [hook];
  const places = (path ?? servicePath).flatMap((folder) => hooks.map((name) => join(folder, name)));
  const births = (await Promise.all(places.map(birthTime))).filter((time) => time !== undefined);
  if (births.length === 0) return path && "missing";
  const toolkit = await birthTime(toolkitFolder);
  return Math.min(...births, toolkit ?? Number.POSITIVE_INFINITY) > startedAt ? "too-late" : "known";
}

/** Milliseconds since 1970; the inode's last change on a file system that does not store birth times. */
async function birthTime(path: string): Promise<number | undefined> {
  const file = await lstat(path).catch(() => undefined);
  return file && (file.birthtimeMs || file.ctimeMs);
}
