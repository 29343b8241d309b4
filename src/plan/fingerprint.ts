import type { GpuClocks } from "../model/machine.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";
import type { HostObservation } from "../observe/host.ts";
import type { Gpu } from "../observe/nvidia-smi.ts";
import { chosenGpus, type WantedGpus } from "./chosen-gpus.ts";

/**
 * What identifies the host of a benchmark. Leaves out what changes by itself, such as temperatures and current clocks, and rounds
 * memory to GiB, because each kernel reserves a few pages more or less.
 */
export interface MachineFacts {
  readonly driver?: string | undefined;
  /** The GPUs that the box has; undefined where they are not visible. */
  readonly gpus?: readonly GpuFacts[] | undefined;
  readonly cpu: { readonly model?: string | undefined; readonly count: number; readonly architecture: string };
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly os: string;
  readonly engine: string;
}

export interface GpuFacts extends Omit<Gpu, "driver"> {
  /** The clocks that the stack pins. */
  readonly pinnedClocks?: GpuClocks;
}

/** Versions of the libraries in an image, from the environment variables that NVIDIA's images set. */
export interface ImageFacts {
  readonly cuda?: string | undefined;
  readonly cudnn?: string | undefined;
}

/** @param clocks the clocks that the stack pins. They replace the observed ones, which are still the old ones in the run that pins them. */
export function machineFacts(
  host: HostObservation,
  engine: EngineInfo,
  wanted: WantedGpus,
  clocks?: GpuClocks,
): MachineFacts {
  const seen = host.gpus === undefined || "problem" in host.gpus ? undefined : chosenGpus(wanted, host.gpus);
  return {
    driver: seen?.[0]?.driver,
    gpus: wanted === "none" ? [] : seen?.map(({ driver, ...facts }) => ({ ...facts, ...pinned(clocks) })),
    cpu: { model: host.cpu, count: engine.NCPU, architecture: engine.Architecture },
    memoryGiB: Math.round(engine.MemTotal / 2 ** 30),
    kernel: engine.KernelVersion,
    os: engine.OperatingSystem,
    engine: engine.ServerVersion,
  };
}

function pinned(clocks: GpuClocks | undefined): Partial<GpuFacts> {
  if (clocks === undefined) return {};
  const { applications } = clocks;
  if (applications === undefined) return { pinnedClocks: clocks };
  return { applicationClocks: { sm: applications.graphics, memory: applications.memory }, pinnedClocks: clocks };
}

/** @param environment lines `NAME=value` */
export function imageFacts(environment: readonly string[]): ImageFacts {
  const value = (name: string): string | undefined =>
    environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  return { cuda: value("CUDA_VERSION"), cudnn: value("NV_CUDNN_VERSION") };
}
