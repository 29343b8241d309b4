import { sizeText } from "./size.ts";

/** Limits that the engine can change while the container runs. What is undefined is not limited. */
export interface RunningLimits {
  readonly cpus?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  /** Bytes beyond the memory; undefined, too, where the kernel cannot limit them. */
  readonly swap?: number | undefined;
  /** Processes and threads. */
  readonly pids?: number | undefined;
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
}

/** The engine takes no memory limit back. This much, 1 PiB, is as good as none. */
const noMemoryLimit = 2 ** 50;

/** @param machineCpus as many as the machine has are no limit, and that is how one is taken back */
export function readRunningLimits(engine: EngineLimits, machineCpus: number | undefined): RunningLimits {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, Memory = 0, MemorySwap = 0, PidsLimit } = engine;
  const quota = CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0;
  const cpus = NanoCpus > 0 ? NanoCpus / 1e9 : quota;
  const memory = Memory > 0 && Memory < noMemoryLimit ? Memory : undefined;
  return {
    cpus: cpus > 0 && cpus < (machineCpus ?? Number.POSITIVE_INFINITY) ? cpus : undefined,
    memory,
    swap: memory !== undefined && MemorySwap > 0 ? MemorySwap - memory : undefined,
    pids: PidsLimit && PidsLimit > 0 ? PidsLimit : undefined,
  };
}

/** What is otherwise than wanted, for people: `pids 100 -> 16384`. */
export function describeChanges(
  wanted: RunningLimits,
  engine: EngineLimits,
  machineCpus: number | undefined,
): string[] {
  const seen = readRunningLimits(engine, machineCpus);
  return (["cpus", "memory", "swap", "pids"] as const)
    .filter((name) => wanted[name] !== seen[name])
    .map((name) => `${name} ${limitText(name, seen[name])} -> ${limitText(name, wanted[name])}`);
}

const limitText = (name: keyof RunningLimits, value: number | undefined): string => {
  if (value === undefined) return "unlimited";
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
