import type { Gpu } from "../observe/nvidia-smi.ts";

/** The GPUs that a stack requests: each an index (`"0"`), or a UUID (`"GPU-…"`) or the beginning of one. */
export type WantedGpus = "none" | "all" | readonly string[];

/** Those of the host's GPUs that the stack requests. */
export function chosenGpus(wanted: WantedGpus, gpus: readonly Gpu[]): readonly Gpu[] {
  if (wanted === "none") return [];
  return wanted === "all" ? gpus : gpus.filter((gpu) => wanted.some((device) => isNamedBy(gpu, device)));
}

/** Whether an index, or the beginning of a UUID, names this GPU. */
export const isNamedBy = (gpu: Gpu, device: string): boolean =>
  /^\d+$/.test(device) ? gpu.index === Number(device) : device.length > 4 && gpu.uuid.startsWith(device);
