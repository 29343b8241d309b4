import type { GpuClocks, GpuSettings } from "../model/machine.ts";

/** Arguments for `src/resources/gpu-clocks`: the GPUs and their clocks. */
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
