import type { GpuSettings } from "../../config/machine.ts";
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
 * @param mode the way that the stack wants
 */
export function judgeGpuOffer(
  engine: Pick<EngineInfo, "Runtimes" | "DiscoveredDevices" | "CDISpecDirs">,
  toolkit: string | undefined,
  mode: GpuSettings["mode"] = "auto",
): Verdict[] {
  // An engine that does not list its devices is taken at the user's word.
  const mayHaveCdi = mode === "cdi" && !engine.DiscoveredDevices && Boolean(engine.CDISpecDirs?.length);
  const ways = [
    ...(mode !== "cdi" && "nvidia" in engine.Runtimes ? ["the NVIDIA runtime"] : []),
    ...(mode !== "runtime" && (mayHaveCdi || cdiDevices(engine).length > 0) ? ["CDI devices"] : []),
    ...(mode !== "cdi" && toolkit !== undefined && toolkit !== "none" ? ["the NVIDIA Container Toolkit's hook"] : []),
  ];
  if (ways.length > 0) return well("GPUs in containers", `by ${ways[0]}`);
  return error(
    "GPUs in containers",
    "the Docker Engine has neither an NVIDIA runtime nor a CDI device nvidia.com/gpu",
    "one of them, since the stack wants GPUs",
    `install the NVIDIA driver and the NVIDIA Container Toolkit (${toolkitGuide}), or set benchbox:gpu to none`,
  );
}
