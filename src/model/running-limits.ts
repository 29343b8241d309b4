import { sizeText } from "./size.ts";

/** What the engine starts by itself: everything but what somebody stopped. */
export const restartPolicy = "unless-stopped";

/** Limits that the engine can change while the container runs, and when it starts it by itself. What is undefined is not limited. */
export interface RunningLimits {
  readonly cpus?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  /** Bytes beyond the memory; undefined, too, where the kernel cannot limit them. */
  readonly swap?: number | undefined;
  /** Processes and threads. */
  readonly pids?: number | undefined;
  /** Restart policy; undefined for any. */
  readonly restart?: string | undefined;
}

/** One of them that a container has otherwise than wanted, as text for people. */
export interface LimitChange {
  readonly name: keyof RunningLimits;
  readonly found: string;
  readonly wanted: string;
}

/** The `HostConfig` of a container, as far as it matters here. */
export interface EngineLimits {
  readonly NanoCpus?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly Memory?: number;
  /** Memory and swap together; -1 for no limit. */
  readonly MemorySwap?: number;
  /** Null, 0 and -1 for no limit. */
  readonly PidsLimit?: number | null;
  readonly RestartPolicy?: { readonly Name: string };
}

/** The engine takes no memory limit back. This much, 1 PiB, is as good as none. */
const noMemoryLimit = 2 ** 50;

/** @param machineCpus as many as the machine has are no limit, and that is how one is taken back */
export function readRunningLimits(engine: EngineLimits, machineCpus: number | undefined): RunningLimits {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, Memory = 0, MemorySwap = 0, PidsLimit, RestartPolicy } = engine;
  const quota = CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0;
  const cpus = NanoCpus > 0 ? NanoCpus / 1e9 : quota;
  const memory = Memory > 0 && Memory < noMemoryLimit ? Memory : undefined;
  return {
    cpus: cpus > 0 && cpus < (machineCpus ?? Number.POSITIVE_INFINITY) ? cpus : undefined,
    memory,
    swap: memory !== undefined && MemorySwap > 0 ? MemorySwap - memory : undefined,
    pids: PidsLimit && PidsLimit > 0 ? PidsLimit : undefined,
    restart: RestartPolicy?.Name,
  };
}

/** What the container has otherwise than wanted. */
export function limitChanges(
  wanted: RunningLimits,
  engine: EngineLimits,
  machineCpus: number | undefined,
): LimitChange[] {
  const seen = readRunningLimits(engine, machineCpus);
  return namesOf(wanted)
    .filter((name) => wanted[name] !== seen[name])
    .map((name) => ({ name, found: limitText(name, seen[name]), wanted: limitText(name, wanted[name]) }));
}

const namesOf = ({ restart }: RunningLimits): (keyof RunningLimits)[] => [
  "cpus",
  "memory",
  "swap",
  "pids",
  ...(restart === undefined ? [] : (["restart"] as const)),
];

const limitText = (name: keyof RunningLimits, value: number | string | undefined): string => {
  if (value === undefined) return "unlimited";
  if (typeof value === "string") return value;
  return value > 0 && (name === "memory" || name === "swap") ? sizeText(value) : String(value);
};

/** The options of `docker update` that give the container what is wanted; none when it has it. */
export function updateOptions(wanted: RunningLimits, engine: EngineLimits, machineCpus: number): string[] {
  const seen = readRunningLimits(engine, machineCpus);
  const isOther = (...names: (keyof RunningLimits)[]): boolean => names.some((name) => wanted[name] !== seen[name]);
  const { cpus = machineCpus, memory = noMemoryLimit, swap, pids = -1 } = wanted;
  const both = wanted.memory === undefined ? noMemoryLimit : memory + (swap ?? 0);
  return [
    ...(isOther("cpus") ? cpuOptions(cpus, engine) : []),
    // Together, so that neither is ever more than the other allows.
    ...(isOther("memory", "swap") ? [`--memory=${memory}`, `--memory-swap=${swapOption(wanted, both)}`] : []),
    ...(isOther("pids") ? [`--pids-limit=${pids}`] : []),
    ...(wanted.restart !== undefined && isOther("restart") ? [`--restart=${wanted.restart}`] : []),
  ];
}

const swapOption = ({ memory, swap }: RunningLimits, both: number): number =>
  memory !== undefined && swap === undefined ? -1 : both;

/** The engine refuses the one form for a container that was given the other by hand. */
function cpuOptions(cpus: number, { CpuPeriod = 0, CpuQuota = 0 }: EngineLimits): string[] {
  if (CpuPeriod === 0 && CpuQuota === 0) return [`--cpus=${cpus}`];
  const period = CpuPeriod || 100_000;
  return [`--cpu-period=${period}`, `--cpu-quota=${Math.round(cpus * period)}`];
}
