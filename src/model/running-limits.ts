import { sizeText } from "./size.ts";

/** Restart policy of a box: the Docker Engine restarts it unless a user stopped it. */
export const restartPolicy = "unless-stopped";

/** The restart policy, and the limits that the Docker Engine can change in a running container. An undefined limit is unlimited. */
export interface RunningLimits {
  readonly cpus?: number | undefined;
  /** In bytes. */
  readonly memory?: number | undefined;
  /** In bytes beyond the memory; also undefined where the kernel cannot limit swap. */
  readonly swap?: number | undefined;
  /** Processes and threads. */
  readonly pids?: number | undefined;
  /** Undefined for any policy. */
  readonly restart?: string | undefined;
}

/** A limit of a container that differs from the wanted one, as text. */
export interface LimitChange {
  readonly name: keyof RunningLimits;
  readonly found: string;
  readonly wanted: string;
}

/** The relevant part of a container's `HostConfig`. */
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

/** The Docker Engine cannot remove a memory limit. This one, 1 PiB, is equivalent to none. */
const noMemoryLimit = 2 ** 50;

/**
 * Reads the limits of a container.
 *
 * @param hostCpus CPUs of the Docker host. A limit of that many counts as none: the Docker Engine can raise a CPU limit, but not remove it.
 */
export function readRunningLimits(engine: EngineLimits, hostCpus: number | undefined): RunningLimits {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, Memory = 0, MemorySwap = 0, PidsLimit, RestartPolicy } = engine;
  const quota = CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0;
  const cpus = NanoCpus > 0 ? NanoCpus / 1e9 : quota;
  const memory = Memory > 0 && Memory < noMemoryLimit ? Memory : undefined;
  return {
    cpus: cpus > 0 && cpus < (hostCpus ?? Number.POSITIVE_INFINITY) ? cpus : undefined,
    memory,
    swap: memory !== undefined && MemorySwap > 0 ? MemorySwap - memory : undefined,
    pids: PidsLimit && PidsLimit > 0 ? PidsLimit : undefined,
    restart: RestartPolicy?.Name,
  };
}

/** The limits of a container that differ from the wanted ones. */
export function limitChanges(wanted: RunningLimits, engine: EngineLimits, hostCpus: number | undefined): LimitChange[] {
  const seen = readRunningLimits(engine, hostCpus);
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

/** The options of `docker update` that set the wanted limits; empty when the container has them. */
export function updateOptions(wanted: RunningLimits, engine: EngineLimits, hostCpus: number): string[] {
  const seen = readRunningLimits(engine, hostCpus);
  const differs = (...names: (keyof RunningLimits)[]): boolean => names.some((name) => wanted[name] !== seen[name]);
  const { cpus = hostCpus, memory = noMemoryLimit, swap, pids = -1 } = wanted;
  const both = wanted.memory === undefined ? noMemoryLimit : memory + (swap ?? 0);
  return [
    ...(differs("cpus") ? cpuOptions(cpus, engine) : []),
    // Both in one update, because the memory must never exceed memory and swap together.
    ...(differs("memory", "swap") ? [`--memory=${memory}`, `--memory-swap=${swapOption(wanted, both)}`] : []),
    ...(differs("pids") ? [`--pids-limit=${pids}`] : []),
    ...(wanted.restart !== undefined && differs("restart") ? [`--restart=${wanted.restart}`] : []),
  ];
}

const swapOption = ({ memory, swap }: RunningLimits, both: number): number =>
  memory !== undefined && swap === undefined ? -1 : both;

/** Uses the form that the container already has: the Docker Engine refuses to combine both. */
function cpuOptions(cpus: number, { CpuPeriod = 0, CpuQuota = 0 }: EngineLimits): string[] {
  if (CpuPeriod === 0 && CpuQuota === 0) return [`--cpus=${cpus}`];
  const period = CpuPeriod || 100_000;
  return [`--cpu-period=${period}`, `--cpu-quota=${Math.round(cpus * period)}`];
}
