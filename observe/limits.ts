import { readdir, readFile } from "node:fs/promises";
import type { Ulimit } from "../lib/limits.ts";

/** May raise limits beyond its own; see capabilities(7). */
const sysResource = 1n << 24n;

const lines: Readonly<Record<Ulimit, string>> = { memlock: "Max locked memory", stack: "Max stack size" };

/**
 * The hard limits, in bytes, up to which this machine's engine can set a container's; Infinity for no limit. Of several
 * engines the lowest. Undefined when none can be seen.
 *
 * @param isRootless then its capabilities are those of a user namespace, and the kernel asks for real ones
 * @param processes where the kernel shows processes
 */
export async function observeUlimits(
  isRootless: boolean,
  processes = "/proc",
): Promise<Record<Ulimit, number> | undefined> {
  const names = (await readdir(processes).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map((name) => limitsOf(`${processes}/${name}`, isRootless)));
  const engines = found.filter((one) => one !== undefined);
  if (engines.length === 0) return undefined;
  const lowest = (name: Ulimit): number => Math.min(...engines.map((engine) => engine[name]));
  return { memlock: lowest("memlock"), stack: lowest("stack") };
}

/** Undefined for a process that is no engine, or has ended. */
async function limitsOf(folder: string, isRootless: boolean): Promise<Record<Ulimit, number> | undefined> {
  const read = (file: string): Promise<string> => readFile(`${folder}/${file}`, "utf8").catch(() => "");
  if ((await read("comm")).trim() !== "dockerd") return undefined;
  const [limits, status] = await Promise.all([read("limits"), read("status")]);
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  if (!isRootless && (capabilities & sysResource) !== 0n) {
    return { memlock: Number.POSITIVE_INFINITY, stack: Number.POSITIVE_INFINITY };
  }
  const hardLimit = (name: Ulimit): number => {
    const hard = new RegExp(`^${lines[name]} +\\S+ +(\\S+)`, "m").exec(limits)?.[1];
    return hard === undefined || hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
  };
  return { memlock: hardLimit("memlock"), stack: hardLimit("stack") };
}
