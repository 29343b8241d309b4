import type * as docker from "@pulumi/docker";
import type { Finding } from "../model/check-result.ts";
import { isRemapped, isRootless } from "../model/engine-traits.ts";
import type { Limits, Ulimit } from "../model/machine.ts";
import {
  type EngineLimits,
  type LimitChange,
  limitChanges,
  type RunningLimits,
  restartPolicy,
} from "../model/running-limits.ts";
import { sizeText } from "../model/size.ts";
import { limitError, planUlimits } from "./ulimits.ts";

/** What the engine's machine has and allows; what cannot be seen is undefined. */
export interface HostLimits {
  readonly NCPU?: number | undefined;
  /** Bytes. */
  readonly MemTotal?: number | undefined;
  /** Whether the kernel lets the engine limit them. */
  readonly CpuCfsQuota?: boolean | undefined;
  readonly MemoryLimit?: boolean | undefined;
  readonly SwapLimit?: boolean | undefined;
  readonly PidsLimit?: boolean | undefined;
  /** See `EngineSecurity`. */
  readonly SecurityOptions?: readonly string[] | null | undefined;
  /** The engine's own hard limits; Infinity where it has none or may raise them. */
  readonly ulimits?: Readonly<Record<Ulimit, number>> | undefined;
}

/** The box that is there; empty without one. */
export interface ExistingLimits {
  /** The names of the ulimits that it was made with. */
  readonly ulimits?: readonly string[] | undefined;
  readonly engineLimits?: EngineLimits | undefined;
}

type LimitArgs = Pick<docker.ContainerArgs, "shmSize" | "ulimits" | "logDriver" | "logOpts">;

export interface LimitsPlan {
  /** As the container resource's arguments: another value replaces the container. */
  readonly args: LimitArgs;
  /** What the running container is given, and the same container again when it is another value. */
  readonly running: RunningLimits;
  /** What of it the box that is there has otherwise. */
  readonly changes: readonly LimitChange[];
  /** What the machine has not or does not allow, and NVIDIA's advice that it does not allow to follow. */
  readonly findings: readonly Finding[];
}

const mebibyte = 2 ** 20;

/** Half of the fewest that a kernel has (32768): a fork bomb leaves room to log in and end it. Why not less: docs/cis-docker.md. */
const usualPids = 16384;

/**
 * @param existing what was advised and not written in the stack follows it, so that an engine that allows more than before
 *   does not replace the box
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
    changes: existing.engineLimits ? limitChanges(running, existing.engineLimits, host.NCPU) : [],
    findings: [...evaluateMachine(limits, host), ...ulimits.findings],
  };
}

function planRunning({ cpus, memory, swap, pids }: Limits, host: HostLimits): RunningLimits {
  const limited = host.MemoryLimit === false ? undefined : memory;
  const wantedPids = pids === "unlimited" ? undefined : (pids ?? usualPids);
  return {
    cpus: host.CpuCfsQuota === false || (cpus ?? 0) >= (host.NCPU ?? Number.POSITIVE_INFINITY) ? undefined : cpus,
    memory: limited,
    swap: limited === undefined || host.SwapLimit === false ? undefined : (swap ?? 0),
    pids: host.PidsLimit === false ? undefined : wantedPids,
    restart: restartPolicy,
  };
}

/** What is written and the machine has not, or its kernel does not limit. */
function evaluateMachine({ cpus, memory, swap, pids, ipc }: Limits, host: HostLimits): Finding[] {
  const { NCPU, MemTotal } = host;
  const there = MemTotal && sizeText(Math.floor(MemTotal / mebibyte) * mebibyte);
  const whyNoHostIpc = isRootless(host)
    ? "a rootless engine"
    : isRemapped(host)
      ? "an engine with userns-remap"
      : undefined;
  const less = "write no more than the machine has";
  const kernel = "a kernel and engine that can limit it (docker info warns of what they cannot)";
  const without = (option: string): string => `take ${option} out of benchbox:limits in Pulumi.<stack>.yaml`;
  const cannot = (option: string, isWritten: boolean, can: boolean | undefined): Finding[] =>
    isWritten && can === false ? [limitError(option, "the engine cannot limit it", kernel, without(option))] : [];
  return [
    ...(cpus !== undefined && NCPU !== undefined && cpus > NCPU
      ? [limitError("cpus", `${cpus}, and the machine has ${NCPU}`, `at most ${NCPU}`, less)]
      : []),
    ...(memory !== undefined && MemTotal !== undefined && memory > MemTotal
      ? [limitError("memory", `${sizeText(memory)}, and the machine has ${there}`, `at most ${there}`, less)]
      : []),
    ...(ipc === "host" && whyNoHostIpc !== undefined
      ? [
          limitError(
            "ipc",
            `host, which ${whyNoHostIpc} cannot give: the box would not start`,
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
