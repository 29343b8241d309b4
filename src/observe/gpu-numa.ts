import { readFileSync } from "node:fs";
import { normalIds } from "../model/id-list.ts";
import { askProgram } from "../process/run-program.ts";

/** The CPUs and the memory node next to a GPU. */
export interface GpuNuma {
  /** As in `0-15,32-47`. */
  readonly cpus: string;
  /** Undefined where the host has only one. */
  readonly node?: string | undefined;
}

/** By the GPUs' UUIDs; undefined where nvidia-smi does not answer. */
export async function observeGpuNuma(): Promise<Readonly<Record<string, GpuNuma>> | undefined> {
  const { ok, stdout } = await askProgram("nvidia-smi", ["--query-gpu=uuid,pci.bus_id", "--format=csv,noheader"]);
  return ok ? readGpuNuma(stdout) : undefined;
}

/** @param devices folder of the PCI devices in sysfs */
export function readGpuNuma(rows: string, devices = "/sys/bus/pci/devices"): Record<string, GpuNuma> {
  const found = rows.split("\n").flatMap((row): [string, GpuNuma][] => {
    // nvidia-smi writes the domain with eight digits, sysfs with four: 00000000:65:00.0.
    const [, uuid = "", domain = "", rest = ""] = /^(\S+), *([0-9A-F]{8})(:.*)$/i.exec(row.trim()) ?? [];
    const folder = `${devices}/${`${domain.slice(-4)}${rest}`.toLowerCase()}`;
    try {
      const node = readFileSync(`${folder}/numa_node`, "utf8").trim();
      const cpus = normalIds(readFileSync(`${folder}/local_cpulist`, "utf8").trim());
      return [[uuid, { cpus, node: node.startsWith("-") ? undefined : node }]];
    } catch {
      return []; // a virtual machine without the bus
    }
  });
  return Object.fromEntries(found);
}
