import { firstIds, normalIds } from "./id-list.ts";
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
  /** CPUs and memory nodes, as in `0-3,8`; undefined for all of the host. */
  readonly cpuset?: string | undefined;
  readonly cpusetMems?: string | undefined;
  /** Processes and threads. */
  readonly pids?: number | undefined;
  /** Undefined for any policy. */
  readonly restart?: string | undefined;
}

/** A limit of a container that differs from the wanted one, as text. */
export interface LimitChange {
  readonly name: keyof RunningLimits | "oom_score_adj";
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
  readonly CpusetCpus?: string;
  readonly CpusetMems?: string;
  /** Null, 0 and -1 for no limit. */
  readonly PidsLimit?: number | null;
  readonly RestartPolicy?: { readonly Name: string };
}

/** The Docker Engine cannot remove a memory limit. This one, 1 PiB, is equivalent to none. */
const noMemoryLimit = 2 ** 50;

/** What the Docker host has. A limit of that much counts as none: the Docker Engine can raise a limit, but not remove it. */
export interface HostCapacity {
  /** Number of CPUs; undefined where it is not known. */
  readonly cpus?: number | undefined;
  /** Memory nodes, as in `0-1`; undefined where they are not known. */
  readonly nodes?: string | undefined;
}

/** Reads the limits of a container. */
export function readRunningLimits(engine: EngineLimits, { cpus: hostCpus, nodes }: HostCapacity): RunningLimits {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, Memory = 0, MemorySwap = 0, PidsLimit, RestartPolicy } = engine;
  const quota = CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0;
  const cpus = NanoCpus > 0 ? NanoCpus / 1e9 : quota;
  const cpuset = partOf(engine.CpusetCpus, hostCpus === undefined ? undefined : firstIds(hostCpus));
  const cpusetMems = partOf(engine.CpusetMems, nodes);
  const memory = Memory > 0 && Memory < noMemoryLimit ? Memory : undefined;
  return {
    cpus: cpus > 0 && cpus < (hostCpus ?? Number.POSITIVE_INFINITY) ? cpus : undefined,
    memory,
    swap: memory !== undefined && MemorySwap > 0 ? MemorySwap - memory : undefined,
    ...(cpuset !== undefined && { cpuset }),
    ...(cpusetMems !== undefined && { cpusetMems }),
    pids: PidsLimit && PidsLimit > 0 ? PidsLimit : undefined,
    restart: RestartPolicy?.Name,
  };
}

/** A list of CPUs or nodes; undefined if it has all of them. */
function partOf(list = "", all: string | undefined): string | undefined {
  const normal = normalIds(list);
  return normal === "" || normal === all ? undefined : normal;
}

/** The limits of a container that differ from the wanted ones. */
export function limitChanges(wanted: RunningLimits, engine: EngineLimits, host: HostCapacity): LimitChange[] {
  const seen = readRunningLimits(engine, host);
  return namesOf(wanted)
    .filter((name) => wanted[name] !== seen[name])
    .map((name) => ({ name, found: limitText(name, seen[name]), wanted: limitText(name, wanted[name]) }));
}

const namesOf = ({ restart }: RunningLimits): (keyof RunningLimits)[] => [
  "cpus",
  "memory",
  "swap",
  "cpuset",
  "cpusetMems",
  "pids",
  ...(restart === undefined ? [] : (["restart"] as const)),
];

const limitText = (name: keyof RunningLimits, value: number | string | undefined): string => {
  if (value === undefined) return name === "cpuset" || name === "cpusetMems" ? "all" : "unlimited";
  if (typeof value === "string") return value;
  return value > 0 && (name === "memory" || name === "swap") ? sizeText(value) : String(value);
};

/** The options of `docker update` that set the wanted limits; empty when the container has them. */
export function updateOptions(
  wanted: RunningLimits,
  engine: EngineLimits,
  host: HostCapacity & { readonly cpus: number },
): string[] {
  const hostCpus = host.cpus;
  const seen = readRunningLimits(engine, host);
  const differs = (...names: (keyof RunningLimits)[]): boolean => names.some((name) => wanted[name] !== seen[name]);
  const { cpus = hostCpus, memory = noMemoryLimit, swap, pids = -1 } = wanted;
  const both = wanted.memory === undefined ? noMemoryLimit : memory + (swap ?? 0);
  return [
    ...(differs("cpus") ? cpuOptions(cpus, engine) : []),
    // Both in one update, because the memory must never exceed memory and swap together.
    ...(differs("memory", "swap") ? [`--memory=${memory}`, `--memory-swap=${swapOption(wanted, both)}`] : []),
    ...(differs("cpuset") ? [`--cpuset-cpus=${wanted.cpuset ?? firstIds(hostCpus)}`] : []),
    // Where the nodes are not known now, the next run lifts the limit.
    ...(differs("cpusetMems") && (wanted.cpusetMems ?? host.nodes)
      ? [`--cpuset-mems=${wanted.cpusetMems ?? host.nodes}`]
      : []),
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
