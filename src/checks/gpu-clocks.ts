import { type CheckResult, error } from "../model/check-result.ts";
import type { GpuSettings } from "../model/machine.ts";

/**
 * Refuses pinned clocks on a remote Docker host.
 *
 * @param remote address of a remote Docker Engine; undefined for a local one
 */
export function evaluateClocks({ clocks }: Pick<GpuSettings, "clocks">, remote: string | undefined): CheckResult[] {
  if (clocks === undefined || remote === undefined) return [];
  return error(
    "GPU clocks",
    `the stack pins them, but its Docker Engine is on another host, ${remote}, where GPU clocks can only be set locally`,
    "GPUs of this host, or no benchbox:gpu.clocks",
    "run the stack on that host; or remove clocks, and run there: sudo nvidia-smi --lock-gpu-clocks=MHZ",
  );
}
