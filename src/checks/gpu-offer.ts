import { type CheckResult, error, passed, warning } from "../model/check-result.ts";
import { cdiKind, cdiNames, type GivenGpus } from "../model/gpu.ts";
import { enableCdi, generateCdi, restartEngine, toolkitGuide } from "../model/gpu-fixes.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";
import type { HostObservation } from "../observe/host.ts";

const subject = "GPUs in containers";

/** What decides whether the engine can give GPUs. */
export type GpuWays = Pick<HostObservation, "toolkit" | "gpuHook" | "cdi"> & {
  readonly engine: Pick<EngineInfo, "Runtimes" | "DiscoveredDevices" | "CDISpecDirs">;
};

/** The engine's CDI devices of NVIDIA, without their kind: `all`, `0`, `GPU-…`. */
export function cdiDevices({ DiscoveredDevices }: Pick<EngineInfo, "DiscoveredDevices">): string[] {
  return (DiscoveredDevices ?? []).flatMap(({ ID }) => (ID.startsWith(cdiKind) ? [ID.slice(cdiKind.length)] : []));
}

/**
 * Whether the engine can give GPUs in the way that they are planned. What cannot be seen from here is not doubted.
 *
 * @param isRunning whether the box runs with GPUs given in this way: what is wrong since then is for its next start
 */
export function evaluateGpuOffer(plan: GivenGpus, ways: GpuWays, isRunning = false): CheckResult[] {
  return plan.mode === "cdi" ? evaluateCdi(plan.devices, ways, isRunning) : evaluateRuntime(ways, isRunning);
}

function evaluateRuntime({ engine, toolkit, gpuHook }: GpuWays, isRunning: boolean): CheckResult[] {
  const hasRuntime = "nvidia" in engine.Runtimes;
  const hasToolkit = toolkit !== undefined && toolkit !== "none";
  if (!hasRuntime && !hasToolkit) {
    const others = cdiDevices(engine);
    return error(
      subject,
      others.length > 0
        ? `the Docker Engine has no NVIDIA runtime, and not all of these GPUs as CDI devices (it has ${others.join(", ")})`
        : "the Docker Engine has neither an NVIDIA runtime nor a CDI device nvidia.com/gpu",
      "one of them, since the stack wants GPUs",
      `install the NVIDIA driver and the NVIDIA Container Toolkit (${toolkitGuide}), or set benchbox:gpu to none`,
    );
  }
  const needed = "nvidia-container-runtime-hook on the Docker Engine's PATH when it starts";
  const orCdi = engine.CDISpecDirs?.length ? `; or set benchbox:gpu to mode: cdi and: ${generateCdi()}` : "";
  if (gpuHook === "too-late" && !isRunning) {
    const found = "the Docker Engine started before the NVIDIA Container Toolkit was installed, so it refuses GPUs";
    return error(subject, found, needed, `${restartEngine}${orCdi}`);
  }
  if (gpuHook === "missing" && !isRunning) {
    const found = "the NVIDIA Container Toolkit's nvidia-container-runtime-hook is not on the Docker Engine's PATH";
    return error(subject, found, needed, `install it (${toolkitGuide}), then: ${restartEngine}${orCdi}`);
  }
  return passed(subject, hasRuntime ? "by the NVIDIA runtime" : "by the NVIDIA Container Toolkit's hook");
}

function evaluateCdi(devices: GivenGpus["devices"], { engine, cdi }: GpuWays, isRunning: boolean): CheckResult[] {
  const report = isRunning ? warning : error;
  const folders = engine.CDISpecDirs ?? [];
  if (folders.length === 0) {
    return report(
      subject,
      "CDI is off in the Docker Engine",
      `${enableCdi}, since the stack wants CDI devices`,
      restartEngine,
    );
  }
  const wanted = cdiNames(devices).map((name) => name.slice(cdiKind.length));
  // An engine that does not list its devices, and whose specifications are not here to be read, is taken at the user's word.
  const offered = cdi?.map(({ name }) => name) ?? (engine.DiscoveredDevices ? cdiDevices(engine) : wanted);
  const absent = wanted.filter((name) => !offered.includes(name));
  if (absent.length > 0) {
    return report(
      subject,
      `no CDI specification in ${folders.join(" or ")} has ${absent.map((name) => cdiKind + name).join(", ")}`,
      offered.length > 0
        ? `one of: ${offered.join(", ")}`
        : "a specification of the GPUs, since the stack wants CDI devices",
      generateCdi(),
    );
  }
  const stale = cdi?.find(({ name, missing }) => wanted.includes(name) && missing.length > 0);
  if (stale === undefined) return passed(subject, "by CDI devices");
  const [first, ...others] = stale.missing;
  return report(
    subject,
    `the CDI specification ${stale.specification} names files that do not exist: ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`,
    "a specification for the installed driver",
    generateCdi(stale.specification),
  );
}
