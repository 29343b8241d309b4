import type { GpuClocks, GpuSettings } from "../model/machine.ts";

/** What `src/resources/gpu-clocks` is to do to which GPUs. */
export function clockWords(
  { devices }: Pick<GpuSettings, "devices">,
  { graphics, memory, applications }: GpuClocks,
): string[] {
  return [
    typeof devices === "string" ? devices : devices.join(","),
    ...(graphics ? ["--graphics", graphics.join(",")] : []),
    ...(memory ? ["--memory", memory.join(",")] : []),
    ...(applications ? ["--applications", `${applications.memory},${applications.graphics}`] : []),
  ];
}
