import { type CheckResult, error } from "../model/check-result.ts";
import type { GpuSettings } from "../model/machine.ts";

/** @param remote the engine's address, where it is another machine's */
export function evaluateClocks({ clocks }: Pick<GpuSettings, "clocks">, remote: string | undefined): CheckResult[] {
  if (clocks === undefined || remote === undefined) return [];
  return error(
    "GPU clocks",
    `the stack pins them, and its engine is another machine's, ${remote}, whose GPUs only programs there can set`,
    "this machine's GPUs, or no benchbox:gpu.clocks",
    "run the stack on that machine; or remove clocks, and there: sudo nvidia-smi --lock-gpu-clocks=MHZ",
  );
}
