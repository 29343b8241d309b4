import type { EngineInfo } from "../engine.ts";
import { error, type Verdict, well } from "./verdict.ts";

export const toolkitGuide =
  "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html";

/** The engine's CDI devices of NVIDIA, without their kind: `all`, `0`, `GPU-…`. */
export function cdiDevices({ DiscoveredDevices }: Pick<EngineInfo, "DiscoveredDevices">): string[] {
  const kind = "nvidia.com/gpu=";
  return (DiscoveredDevices ?? []).flatMap(({ ID }) => (ID.startsWith(kind) ? [ID.slice(kind.length)] : []));
}

/**
 * Whether the engine can hand out GPUs at all.
 *
 * @param toolkit version of the NVIDIA Container Toolkit; with it on its PATH the engine needs no runtime of that name
 */
export function judgeGpuOffer(
  engine: Pick<EngineInfo, "Runtimes" | "DiscoveredDevices">,
  toolkit: string | undefined,
): Verdict[] {
  const ways = [
    ...("nvidia" in engine.Runtimes ? ["the NVIDIA runtime"] : []),
    ...(cdiDevices(engine).length > 0 ? ["CDI devices"] : []),
    ...(toolkit !== undefined && toolkit !== "none" ? ["the NVIDIA Container Toolkit's hook"] : []),
  ];
  if (ways.length > 0) return well("GPUs in containers", `by ${ways[0]}`);
  return error(
    "GPUs in containers",
    "the Docker Engine has neither an NVIDIA runtime nor a CDI device nvidia.com/gpu",
    "one of them, since the stack wants GPUs",
    `install the NVIDIA driver and the NVIDIA Container Toolkit (${toolkitGuide}), or set benchbox:gpu to none`,
  );
}
