import { askProgram, type ProgramResult } from "../process/run-program.ts";

/** A GPU as `nvidia-smi` reports it. What the driver or the card does not support is undefined. */
export interface Gpu {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly driver: string;
  readonly memoryMiB?: number | undefined;
  readonly persistence?: "on" | "off" | undefined;
  /** Highest clocks, in MHz. */
  readonly maxClocks: Clocks;
  /** Clocks that applications run at, in MHz. Drivers from 2025 on no longer report them. */
  readonly applicationClocks: Clocks;
  /** Multi-instance mode. */
  readonly mig?: "on" | "off" | undefined;
}

export interface Clocks {
  readonly sm?: number | undefined;
  readonly memory?: number | undefined;
}

/**
 * Why no GPUs could be listed:
 *  - `absent`: nvidia-smi is not installed
 *  - `mismatch`: the driver was updated, but the kernel still runs the old one
 *  - `no-driver`: the kernel has no NVIDIA driver loaded
 *  - `lost`: a card has fallen off the bus
 *  - `failed`: none of these
 */
export interface NoGpus {
  readonly problem: "absent" | "mismatch" | "no-driver" | "lost" | "failed";
  readonly reason: string;
}

/** The fields of a query: none that change by themselves, such as temperatures or current clocks. */
const fields = [
  "index",
  "uuid",
  "name",
  "driver_version",
  "memory.total",
  "persistence_mode",
  "clocks.max.sm",
  "clocks.max.memory",
  "clocks.applications.graphics",
  "clocks.applications.memory",
  "mig.mode.current",
] as const;
type Field = (typeof fields)[number];

/** This computer's GPUs, in the order of their indices. */
export async function askGpus(): Promise<readonly Gpu[] | NoGpus> {
  let queried: readonly Field[] = fields;
  for (;;) {
    const words = [`--query-gpu=${queried.join(",")}`, "--format=csv,noheader,nounits"];
    const result = await askProgram("nvidia-smi", words);
    const unknown = unknownField(result);
    const known = queried.filter((field) => field !== unknown);
    if (unknown === undefined || known.length === queried.length) return readGpus(result, queried);
    queried = known; // the driver is older than that field
  }
}

/** The first field that this version of nvidia-smi does not know, for which it rejects the whole query. */
function unknownField({ ok, stdout, stderr }: ProgramResult): string | undefined {
  return ok ? undefined : /Field "([^"]+)" is not a valid field to query/.exec(`${stdout}\n${stderr}`)?.[1];
}

export function readGpus(result: ProgramResult, queried: readonly string[]): readonly Gpu[] | NoGpus {
  if (result.startError === "ENOENT") return { problem: "absent", reason: "nvidia-smi is not on PATH" };
  const output = `${result.stdout}\n${result.stderr}`.trim();
  if (/No devices were found/i.test(output)) return [];
  const problem = problemIn(output);
  if (problem !== undefined || !result.ok) {
    return { problem: problem ?? "failed", reason: firstLine(output) || "nvidia-smi does not answer in time" };
  }
  const gpus: Gpu[] = [];
  for (const row of result.stdout.trim().split("\n").filter(Boolean)) {
    const gpu = readRow(row, queried);
    if (gpu === undefined) return { problem: "failed", reason: `unexpected output of nvidia-smi: ${row}` };
    gpus.push(gpu);
  }
  return gpus.sort((a, b) => a.index - b.index);
}

function problemIn(output: string): NoGpus["problem"] | undefined {
  if (/Driver\/library version mismatch/i.test(output)) return "mismatch";
  if (/couldn't communicate with the NVIDIA driver|Driver Not Loaded/i.test(output)) return "no-driver";
  if (/GPU is lost|Unable to determine the device handle/i.test(output)) return "lost";
  return /Failed to initialize NVML/i.test(output) ? "failed" : undefined;
}

function readRow(row: string, queried: readonly string[]): Gpu | undefined {
  const cells = row.split(",").map((cell) => cell.trim());
  if (cells.length !== queried.length) return undefined;
  const text = (field: Field): string | undefined => {
    const cell = cells[queried.indexOf(field)];
    // [N/A], [Not Supported], [Unknown Error], [Requested functionality has been deprecated] …; N/A in the oldest drivers
    return cell === undefined || cell === "" || /^\[.*\]$|^N\/A$/.test(cell) ? undefined : cell;
  };
  const number = (field: Field): number | undefined => {
    const value = Number.parseInt(text(field) ?? "", 10); // some versions ignore `nounits` and print the unit
    return Number.isNaN(value) ? undefined : value;
  };
  const onOff = (field: Field): "on" | "off" | undefined =>
    ({ Enabled: "on", Disabled: "off" })[text(field) ?? ""] as "on" | "off" | undefined;
  const index = number("index");
  const uuid = text("uuid");
  if (index === undefined || uuid === undefined) return undefined;
  return {
    index,
    uuid,
    name: text("name") ?? "of unknown name",
    driver: text("driver_version") ?? "of unknown version",
    memoryMiB: number("memory.total"),
    persistence: onOff("persistence_mode"),
    maxClocks: { sm: number("clocks.max.sm"), memory: number("clocks.max.memory") },
    applicationClocks: { sm: number("clocks.applications.graphics"), memory: number("clocks.applications.memory") },
    mig: onOff("mig.mode.current"),
  };
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";
