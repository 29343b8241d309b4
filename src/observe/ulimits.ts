import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Ulimit } from "../model/machine.ts";

/** May raise limits beyond its own; see capabilities(7). */
const sysResource = 1n << 24n;

const lines: Readonly<Record<Ulimit, string>> = {
  memlock: "Max locked memory",
  stack: "Max stack size",
  nofile: "Max open files",
};
const names = Object.keys(lines) as Ulimit[];

/**
 * The hard limits up to which this machine's engine can set a container's; Infinity for no limit. Of several
 * engines the lowest. Undefined when none can be seen.
 *
 * @param isRootless then its capabilities are those of a user namespace, and the kernel asks for real ones
 * @param processes where the kernel shows processes
 */
export function observeUlimits(isRootless: boolean, processes = "/proc"): Record<Ulimit, number> | undefined {
  if (!existsSync(processes)) return undefined;
  const ids = readdirSync(processes).filter((name) => /^\d+$/.test(name));
  const found = ids.map((id) => limitsOf(`${processes}/${id}`, isRootless));
  const engines = found.filter((one) => one !== undefined);
  if (engines.length === 0) return undefined;
  const most = Number(read(`${processes}/sys/fs/nr_open`) || Number.POSITIVE_INFINITY);
  const lowest = (name: Ulimit): number => Math.min(...engines.map((engine) => engine[name]));
  // Of files no program may have more than the kernel's own bound, whatever its capabilities.
  return { ...each(lowest), nofile: Math.min(lowest("nofile"), most) };
}

const each = (limit: (name: Ulimit) => number): Record<Ulimit, number> =>
  Object.fromEntries(names.map((name) => [name, limit(name)])) as Record<Ulimit, number>;

/** Undefined for a process that is no engine, or has ended. */
function limitsOf(folder: string, isRootless: boolean): Record<Ulimit, number> | undefined {
  if (read(`${folder}/comm`).trim() !== "dockerd") return undefined;
  const limits = read(`${folder}/limits`);
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(read(`${folder}/status`))?.[1] ?? "0"}`);
  if (!isRootless && (capabilities & sysResource) !== 0n) {
    return each(() => Number.POSITIVE_INFINITY);
  }
  const hardLimit = (name: Ulimit): number => {
    const hard = new RegExp(`^${lines[name]} +\\S+ +(\\S+)`, "m").exec(limits)?.[1];
    return hard === undefined || hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
  };
  return each(hardLimit);
}

/** Empty where there is none, or not any more. The kernel's files are in memory: to wait for each would take ten times as long. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
