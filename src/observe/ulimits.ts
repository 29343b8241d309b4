import { existsSync } from "node:fs";
import type { Ulimit } from "../model/machine.ts";
import { dockerdProcesses, readProc } from "./dockerd-processes.ts";

/** CAP_SYS_RESOURCE, which lets a process raise its hard limits; see capabilities(7). */
const sysResource = 1n << 24n;

const lines: Readonly<Record<Ulimit, string>> = {
  memlock: "Max locked memory",
  stack: "Max stack size",
  nofile: "Max open files",
  nproc: "Max processes",
  rtprio: "Max realtime priority",
};
const names = Object.keys(lines) as Ulimit[];

/**
 * The highest limits that this computer's Docker Engine can give to a container; Infinity for no limit, and the lowest of several
 * engines. Undefined when no engine is visible.
 *
 * @param isRootless whether the engine's capabilities are those of a user namespace, which do not let it raise limits
 * @param processes mount point of the proc file system
 */
export function observeUlimits(isRootless: boolean, processes = "/proc"): Record<Ulimit, number> | undefined {
  if (!existsSync(processes)) return undefined;
  const engines = dockerdProcesses(processes).map((folder) => limitsOf(folder, isRootless));
  if (engines.length === 0) return undefined;
  const most = Number(readProc(`${processes}/sys/fs/nr_open`) || Number.POSITIVE_INFINITY);
  const lowest = (name: Ulimit): number => Math.min(...engines.map((engine) => engine[name]));
  // No program may open more files than the kernel's maximum, whatever its capabilities.
  return { ...each(lowest), nofile: Math.min(lowest("nofile"), most) };
}

const each = (limit: (name: Ulimit) => number): Record<Ulimit, number> =>
  Object.fromEntries(names.map((name) => [name, limit(name)])) as Record<Ulimit, number>;

function limitsOf(folder: string, isRootless: boolean): Record<Ulimit, number> {
  const limits = readProc(`${folder}/limits`);
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readProc(`${folder}/status`))?.[1] ?? "0"}`);
  if (!isRootless && (capabilities & sysResource) !== 0n) return each(() => Number.POSITIVE_INFINITY);
  const hardLimit = (name: Ulimit): number => {
    const hard = new RegExp(`^${lines[name]} +\\S+ +(\\S+)`, "m").exec(limits)?.[1];
    return hard === undefined || hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
  };
  return each(hardLimit);
}
