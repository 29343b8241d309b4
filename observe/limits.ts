import { readdir, readFile } from "node:fs/promises";
import type { Ulimit } from "../lib/ulimits.ts";

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
export async function observeUlimits(
  isRootless: boolean,
  processes = "/proc",
): Promise<Record<Ulimit, number> | undefined> {
  const ids = (await readdir(processes).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(ids.map((id) => limitsOf(`${processes}/${id}`, isRootless)));
  const engines = found.filter((one) => one !== undefined);
  if (engines.length === 0) return undefined;
  const most = Number(
    (await readFile(`${processes}/sys/fs/nr_open`, "utf8").catch(() => "")) || Number.POSITIVE_INFINITY,
  );
  const lowest = (name: Ulimit): number => Math.min(...engines.map((engine) => engine[name]));
  // Of files no program may have more than the kernel's own bound, whatever its capabilities.
  return { ...each(lowest), nofile: Math.min(lowest("nofile"), most) };
}

const each = (limit: (name: Ulimit) => number): Record<Ulimit, number> =>
  Object.fromEntries(names.map((name) => [name, limit(name)])) as Record<Ulimit, number>;

/** Undefined for a process that is no engine, or has ended. */
async function limitsOf(folder: string, isRootless: boolean): Promise<Record<Ulimit, number> | undefined> {
  const read = (file: string): Promise<string> => readFile(`${folder}/${file}`, "utf8").catch(() => "");
  if ((await read("comm")).trim() !== "dockerd") return undefined;
  const [limits, status] = await Promise.all([read("limits"), read("status")]);
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  if (!isRootless && (capabilities & sysResource) !== 0n) {
    return each(() => Number.POSITIVE_INFINITY);
  }
  const hardLimit = (name: Ulimit): number => {
    const hard = new RegExp(`^${lines[name]} +\\S+ +(\\S+)`, "m").exec(limits)?.[1];
    return hard === undefined || hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
  };
  return each(hardLimit);
}
