import type * as docker from "@pulumi/docker";
import type { Finding } from "../model/check-result.ts";
import { isRemapped, isRootless } from "../model/engine-traits.ts";
import { firstIds, readIds } from "../model/id-list.ts";
import type { Limits, Ulimit } from "../model/machine.ts";
import {
  type EngineLimits,
  type HostCapacity,
  type LimitChange,
  limitChanges,
  type RunningLimits,
  restartPolicy,
} from "../model/running-limits.ts";
import { sizeText } from "../model/size.ts";
import { limitError, planUlimits } from "./ulimits.ts";

/** The host's resources, and the limits that its kernel supports; undefined where they are not visible. */
export interface HostLimits {
  readonly NCPU?: number | undefined;
  /** Bytes. */
  readonly MemTotal?: number | undefined;
  /** Whether the kernel lets the Docker Engine set this limit. The same applies to the three fields below. */
  readonly CpuCfsQuota?: boolean | undefined;
  readonly MemoryLimit?: boolean | undefined;
  readonly SwapLimit?: boolean | undefined;
  readonly PidsLimit?: boolean | undefined;
  /** See `EngineSecurity`. */
  readonly SecurityOptions?: readonly string[] | null | undefined;
  /** CPUs and memory nodes next to the box's GPUs; undefined where they are not visible. */
  readonly nearGpus?: { readonly cpus: string; readonly nodes: string } | undefined;
  /** The online CPUs and memory nodes. */
  readonly onlineCpus?: string | undefined;
  readonly onlineNodes?: string | undefined;
  /** See `HostObservation`. */
  readonly hugepages?: number | undefined;
  readonly isRemote?: boolean | undefined;
  /** The Docker Engine's own hard limits; Infinity where it has none or may raise them. */
  readonly ulimits?: Readonly<Record<Ulimit, number>> | undefined;
}

/** Limits of the current box; empty without one. */
export interface ExistingLimits {
  /** The names of the ulimits that it was created with. */
  readonly ulimits?: readonly string[] | undefined;
  readonly engineLimits?: EngineLimits | undefined;
  readonly memoryNodes?: string | undefined;
  readonly oomScoreAdj?: number | undefined;
}

type LimitArgs = Pick<docker.ContainerArgs, "shmSize" | "ulimits" | "logDriver" | "logOpts">;

export interface LimitsPlan {
  /** Arguments of the container resource: a new value replaces the container. */
  readonly args: LimitArgs;
  /** Limits that are set on the running container: a new value updates the same container. */
  readonly running: RunningLimits;
  /** The limits of `running` that the current box does not have. */
  readonly changes: readonly LimitChange[];
  /** Errors for limits that the host cannot provide, and warnings for NVIDIA's recommendations that it does not allow. */
  readonly findings: readonly Finding[];
}

const mebibyte = 2 ** 20;

/**
 * Default limit of processes: half of the smallest number that a kernel allows (32768), so that a fork bomb leaves room to log in and
 * end it. docs/cis-docker.md explains why it is not lower.
 */
const defaultPids = 16384;

/**
 * @param existing the box keeps those of NVIDIA's recommendations that it was created with, so that it is not replaced only because the
 *   Docker Engine allows more than before
 */
export function planLimits(limits: Limits, host: HostLimits, existing: ExistingLimits, hasGpu: boolean): LimitsPlan {
  const running = planRunning(limits, host);
  const ulimits = planUlimits(limits, host.ulimits, existing.ulimits, hasGpu);
  const { shm, log } = limits;
  return {
    args: {
      ...(shm !== undefined && { shmSize: shm / mebibyte }),
      ...(ulimits.args.length > 0 && { ulimits: ulimits.args }),
      logDriver: "json-file",
      logOpts: { "max-size": sizeText(log.maxSize), "max-file": String(log.maxFile) },
    },
    running,
    changes: existing.engineLimits
      ? [...limitChanges(running, existing.engineLimits, capacityOf(host, existing)), ...oomChanges(limits, existing)]
      : [],
    findings: [...evaluateHost(limits, host), ...evaluatePlaces(limits, host), ...ulimits.findings],
  };
}

const capacityOf = (host: HostLimits, existing: ExistingLimits): HostCapacity => ({
  cpus: host.NCPU,
  nodes: host.onlineNodes ?? existing.memoryNodes,
});

function oomChanges({ oomScoreAdj = 0 }: Limits, existing: ExistingLimits): LimitChange[] {
  const found = existing.oomScoreAdj ?? 0;
  return found === oomScoreAdj ? [] : [{ name: "oom_score_adj", found: String(found), wanted: String(oomScoreAdj) }];
}

/** CPUs or nodes as the kernel lists them; undefined for all of them. */
function placesOf(
  wanted: string | undefined,
  nearGpus: string | undefined,
  all: string | undefined,
): string | undefined {
  const list = wanted === "gpu" ? nearGpus : wanted;
  return list === "" || list === all ? undefined : list;
}

function planRunning(limits: Limits, host: HostLimits): RunningLimits {
  const { cpus, memory, swap, pids } = limits;
  const allCpus = host.NCPU === undefined ? undefined : firstIds(host.NCPU);
  const cpuset = placesOf(limits.cpuset, host.nearGpus?.cpus, allCpus);
  const cpusetMems = placesOf(limits.cpusetMems, host.nearGpus?.nodes, host.onlineNodes);
  const limited = host.MemoryLimit === false ? undefined : memory;
  const wantedPids = pids === "unlimited" ? undefined : (pids ?? defaultPids);
  return {
    cpus: host.CpuCfsQuota === false || (cpus ?? 0) >= (host.NCPU ?? Number.POSITIVE_INFINITY) ? undefined : cpus,
    memory: limited,
    swap: limited === undefined || host.SwapLimit === false ? undefined : (swap ?? 0),
    ...(cpuset !== undefined && { cpuset }),
    ...(cpusetMems !== undefined && { cpusetMems }),
    pids: host.PidsLimit === false ? undefined : wantedPids,
    restart: restartPolicy,
  };
}

/** Errors for limits in the stack's file that the host cannot provide or its kernel cannot enforce. */
function evaluateHost({ cpus, memory, swap, pids, ipc }: Limits, host: HostLimits): Finding[] {
  const { NCPU, MemTotal } = host;
  const there = MemTotal && sizeText(Math.floor(MemTotal / mebibyte) * mebibyte);
  const whyNoHostIpc = isRootless(host)
    ? "a rootless Docker Engine"
    : isRemapped(host)
      ? "a Docker Engine with userns-remap"
      : undefined;
  const less = "lower the limit to what the host has";
  const kernel = "a kernel and Docker Engine that support this limit (docker info warns about unsupported limits)";
  const without = (option: string): string => `remove ${option} from benchbox:limits in Pulumi.<stack>.yaml`;
  const cannot = (option: string, isSet: boolean, can: boolean | undefined): Finding[] =>
    isSet && can === false ? [limitError(option, "not supported by the Docker Engine", kernel, without(option))] : [];
  return [
    ...(cpus !== undefined && NCPU !== undefined && cpus > NCPU
      ? [limitError("cpus", `${cpus}, but the host has ${NCPU}`, `at most ${NCPU}`, less)]
      : []),
    ...(memory !== undefined && MemTotal !== undefined && memory > MemTotal
      ? [limitError("memory", `${sizeText(memory)}, but the host has ${there}`, `at most ${there}`, less)]
      : []),
    ...(ipc === "host" && whyNoHostIpc !== undefined
      ? [
          limitError(
            "ipc",
            `host, which ${whyNoHostIpc} cannot provide: the box would not start`,
            "private or shareable",
            without("ipc: host"),
          ),
        ]
      : []),
    ...cannot("cpus", cpus !== undefined, host.CpuCfsQuota),
    ...cannot("memory", memory !== undefined, host.MemoryLimit),
    ...cannot("swap", swap !== undefined, host.SwapLimit),
    ...cannot("pids", typeof pids === "number", host.PidsLimit),
  ];
}

/** Errors for CPUs and memory nodes that the host does not have, and findings about its huge pages. */
function evaluatePlaces({ cpuset, cpusetMems, hugepages }: Limits, host: HostLimits): Finding[] {
  return [
    ...evaluatePlace("cpuset", "CPUs", cpuset, host.onlineCpus, host),
    ...evaluatePlace("cpuset_mems", "memory nodes", cpusetMems, host.onlineNodes, host),
    ...(hugepages === undefined ? [] : evaluateHugepages(hugepages, host)),
  ];
}

/** Those of a remote host are not visible. */
function evaluateHugepages(size: "2m" | "1g", { hugepages: reserved, isRemote }: HostLimits): Finding[] {
  if (isRemote !== false || (reserved ?? 0) > 0) return [];
  if (reserved === undefined) {
    const fix = "remove hugepages from benchbox:limits in Pulumi.<stack>.yaml";
    return [limitError("hugepages", `${size}, but the kernel has no pages of that size`, "another size", fix)];
  }
  const found = `the host has reserved no pages of ${size}, so programs cannot get any`;
  const remedy =
    size === "2m"
      ? "sudo sysctl vm.nr_hugepages=1024"
      : "add hugepagesz=1G hugepages=16 to the kernel's command line, then restart the host";
  return [{ severity: "warning", subject: "benchbox:limits.hugepages", found, needed: "reserved pages", remedy }];
}

function evaluatePlace(
  option: "cpuset" | "cpuset_mems",
  what: string,
  wanted: string | undefined,
  online: string | undefined,
  { nearGpus }: HostLimits,
): Finding[] {
  if (wanted === "gpu") {
    if (nearGpus !== undefined) return [];
    const found = "gpu, but the GPUs of the Docker host are not visible from here, or the stack has none";
    const remedy = "run nvidia-smi topo -m on the Docker host, and write the list that it prints";
    return [limitError(option, found, `a list of ${what}`, remedy)];
  }
  const there = readIds(online ?? "");
  const missing = there && readIds(wanted ?? "")?.filter((id) => !there.includes(id));
  if (!missing?.length) return [];
  const found = `${wanted}, but the host has the ${what} ${online}`;
  return [limitError(option, found, `${what} of the host`, "correct benchbox:limits in Pulumi.<stack>.yaml")];
}
