import type { Gpu } from "../observe/nvidia-smi.ts";

/** GPUs that a stack asks for: by index (`"0"`) or UUID (`"GPU-…"`, of which the beginning will do). */
export type WantedGpus = "none" | "all" | readonly string[];

/** The machine's GPUs that the stack asks for. */
export function chosenGpus(wanted: WantedGpus, gpus: readonly Gpu[]): readonly Gpu[] {
  if (wanted === "none") return [];
  return wanted === "all" ? gpus : gpus.filter((gpu) => wanted.some((device) => isNamedBy(gpu, device)));
}

/** Whether a stack means this GPU by an index or the beginning of a UUID. */
export const isNamedBy = (gpu: Gpu, device: string): boolean =>
  /^\d+$/.test(device) ? gpu.index === Number(device) : device.length > 4 && gpu.uuid.startsWith(device);
