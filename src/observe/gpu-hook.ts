import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isAtLeast } from "../model/version.ts";
import type { EngineProcess } from "./engine-process.ts";

/**
 * Whether the engine knows the program by which `docker run --gpus` works, for which it looks on its PATH once, when it starts.
 * `too-late`: the program is there, and came after the engine's start.
 */
export type GpuHook = "known" | "too-late" | "missing";

const hook = "nvidia-container-runtime-hook";
/** Docker 29 does with this one, too (https://github.com/moby/moby/pull/50228), which the toolkit's base package has. */
const cdiHook = "nvidia-cdi-hook";
/** PATH of a systemd service, https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#$PATH. */
const servicePath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** A folder of the toolkit's packages, which an upgrade keeps, while it makes the programs anew. */
const keptFolder = "/etc/nvidia-container-runtime";

/**
 * Undefined where the engine's PATH cannot be seen, and the program is not where a service finds it.
 *
 * @param version the engine's
 */
export async function observeGpuHook(
  { startedAt, path }: EngineProcess,
  version: string,
  toolkitFolder = keptFolder,
): Promise<GpuHook | undefined> {
  const hooks = isAtLeast(version, "29.0") ? [hook, cdiHook] : [hook];
  const places = (path ?? servicePath).flatMap((folder) => hooks.map((name) => join(folder, name)));
  const made = (await Promise.all(places.map(madeAt))).filter((time) => time !== undefined);
  if (made.length === 0) return path && "missing";
  const toolkit = await madeAt(toolkitFolder);
  return Math.min(...made, toolkit ?? Number.POSITIVE_INFINITY) > startedAt ? "too-late" : "known";
}

/** Milliseconds since 1970; a file system that does not keep the time of birth has that of the last change of the inode. */
async function madeAt(path: string): Promise<number | undefined> {
  const file = await lstat(path).catch(() => undefined);
  return file && (file.birthtimeMs || file.ctimeMs);
}
