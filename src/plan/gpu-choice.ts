import type { GpuChoice, Machine } from "../model/machine.ts";
import type { Gpu } from "../observe/nvidia-smi.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { isNamedBy } from "./chosen-gpus.ts";

type Seen = Pick<MachineObservation, "host" | "box">;

/** The machine with the UUIDs of the GPUs that its choice by model and count comes to; unchanged where there are none. */
export function withChosenGpus(machine: Machine, seen: Seen): Machine {
  const { choice } = machine.gpu;
  const devices = choice === undefined ? [] : (chosenBy(choice, seen) ?? []);
  return devices.length === 0 ? machine : { ...machine, gpu: { ...machine.gpu, devices } };
}

/** Undefined where the host's GPUs are not visible. */
export function chosenBy(choice: GpuChoice, { host, box }: Seen): string[] | undefined {
  if (host.gpus === undefined || "problem" in host.gpus) return undefined;
  const own = box.gpus === undefined || box.gpus.devices === "all" ? [] : box.gpus.devices;
  return chooseGpus(choice, host.gpus, own, host.gpusOfOthers ?? []);
}

/**
 * The UUIDs of the chosen GPUs: first those that the box has, then those that no other box uses, each by index.
 *
 * @param own the names of the box's GPUs
 * @param others the names of the GPUs of other boxes
 */
export function chooseGpus(
  { model, count }: GpuChoice,
  gpus: readonly Gpu[],
  own: readonly string[],
  others: readonly string[],
): string[] {
  const isIn = (gpu: Gpu, names: readonly string[]): boolean => names.some((name) => isNamedBy(gpu, name));
  const rank = (gpu: Gpu): number => (isIn(gpu, own) ? 0 : isIn(gpu, others) ? 2 : 1);
  const fitting = gpus.filter(({ name }) => model === undefined || hasWords(name, model));
  const chosen = [...fitting].sort((a, b) => rank(a) - rank(b) || a.index - b.index).slice(0, count ?? gpus.length);
  return chosen.sort((a, b) => a.index - b.index).map(({ uuid }) => uuid);
}

/** Whether a name has the words, whole ones: `A10` is not in `NVIDIA A100`. */
function hasWords(name: string, words: string): boolean {
  const parts = (text: string): string =>
    ` ${text
      .toLowerCase()
      .split(/[^a-z0-9.]+/)
      .join(" ")} `;
  return parts(name).includes(parts(words));
}
