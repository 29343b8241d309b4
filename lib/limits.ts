import type * as docker from "@pulumi/docker";
import type { Limits } from "../config/machine.ts";
import { sizeText } from "./size.ts";

/** What the engine's machine has and allows; what cannot be seen is undefined. */
export interface HostLimits {
  readonly NCPU?: number | undefined;
  /** Bytes. */
  readonly MemTotal?: number | undefined;
  /** Whether the kernel can limit swap. */
  readonly SwapLimit?: boolean | undefined;
  /** The engine's own hard limits in bytes; Infinity where it has none or may raise them. */
  readonly ulimits?: Readonly<Record<Ulimit, number>> | undefined;
}

export type Ulimit = "memlock" | "stack";

type LimitArgs = Pick<docker.ContainerArgs, "shmSize" | "ulimits" | "cpuPeriod" | "cpuQuota" | "memory" | "memorySwap">;

export interface LimitsPlan {
  /** As the container resource's arguments. */
  readonly args: LimitArgs;
  /** What the machine has not or does not allow, a sentence each. */
  readonly problems: readonly string[];
  /** NVIDIA's advice that the machine does not allow to follow, likewise. */
  readonly warnings: readonly string[];
}

const mebibyte = 2 ** 20;

/** What NVIDIA advises for its containers, in bytes. */
const advised: Readonly<Record<Ulimit, number>> = { memlock: Number.POSITIVE_INFINITY, stack: 64 * mebibyte };

/**
 * @param existing the ulimits that the container has which is there; undefined without one. What was advised and not
 *   written in the stack follows it, so that an engine that allows more than before does not replace the box
 */
export function planLimits(
  limits: Limits,
  host: HostLimits,
  existing: readonly string[] | undefined,
  hasGpu: boolean,
): LimitsPlan {
  const problems: string[] = [];
  const warnings: string[] = [];
  const { cpus, memory } = limits;
  if (cpus !== undefined && host.NCPU !== undefined && cpus > host.NCPU) {
    problems.push(`benchbox:limits.cpus is ${cpus}, and the machine has ${host.NCPU}. Write no more than that.`);
  }
  if (memory !== undefined && host.MemTotal !== undefined && memory > host.MemTotal) {
    const there = sizeText(Math.floor(host.MemTotal / mebibyte) * mebibyte);
    problems.push(
      `benchbox:limits.memory is ${sizeText(memory)}, and the machine has ${there}. Write no more than that.`,
    );
  }
  const ulimits = (["memlock", "stack"] as const).flatMap((name) => {
    const written = limits[name] === "unlimited" ? Number.POSITIVE_INFINITY : limits[name];
    const wanted = written ?? advised[name];
    const allowed = host.ulimits?.[name];
    if (allowed !== undefined && wanted > allowed) {
      if (written !== undefined) problems.push(refusal(name, written, allowed));
      else if (hasGpu) warnings.push(advice(name, allowed));
      return [];
    }
    const follows = existing?.includes(name) ?? allowed !== undefined;
    return written !== undefined || follows ? [ulimit(name, wanted)] : [];
  });
  const args: LimitArgs = {
    shmSize: limits.shm / mebibyte,
    ...(ulimits.length > 0 && { ulimits }),
    // Not as `cpus`, which the plugin reads back in another form, "2.0" for "2", and would replace the box for.
    ...(cpus !== undefined && { cpuPeriod: 100_000, cpuQuota: Math.round(cpus * 100_000) }),
    ...(memory !== undefined && memoryArgs(memory / mebibyte, host)),
  };
  return { args, problems, warnings };
}

/** Both are set: without the second the engine's own choice for it shows as a difference. */
function memoryArgs(memory: number, { SwapLimit }: HostLimits): LimitArgs {
  return { memory, memorySwap: SwapLimit === false ? -1 : memory };
}

function ulimit(name: Ulimit, bytes: number) {
  const value = Number.isFinite(bytes) ? bytes : -1;
  return { name, soft: value, hard: value };
}

const remedy = (name: Ulimit): string =>
  `Give the engine more: Limit${name.toUpperCase()}=infinity in a drop-in of docker.service (sudo systemctl edit docker), then restart it`;

function refusal(name: Ulimit, written: number, allowed: number): string {
  const asked = Number.isFinite(written) ? sizeText(written) : "unlimited";
  return (
    `benchbox:limits.${name} is ${asked}, and the Docker Engine's own limit is ${sizeText(allowed)}: the box would not start. ` +
    `${remedy(name)}, or take the line out of the stack.`
  );
}

function advice(name: Ulimit, allowed: number): string {
  const wanted = Number.isFinite(advised[name]) ? sizeText(advised[name]) : "unlimited";
  return (
    `The box gets the engine's own limit for ${name}, ${sizeText(allowed)}, where NVIDIA advises ${wanted}. ` +
    `${remedy(name)}.`
  );
}
