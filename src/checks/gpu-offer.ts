import { type CheckResult, error, passed, warning } from "../model/check-result.ts";
import { cdiKind, cdiNames, type GivenGpus } from "../model/gpu.ts";
import { enableCdi, generateCdi, restartEngine, toolkitGuide } from "../model/gpu-fixes.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";
import type { HostObservation } from "../observe/host.ts";

const subject = "GPUs in containers";

/** The observations that determine whether the Docker Engine can give GPUs to containers. */
export type GpuSupport = Pick<HostObservation, "toolkit" | "gpuHook" | "cdi"> & {
  readonly engine: Pick<EngineInfo, "Runtimes" | "DiscoveredDevices" | "CDISpecDirs">;
};

/** The NVIDIA CDI devices of the Docker Engine, without the kind: `all`, `0`, `GPU-…`. */
export function cdiDevices({ DiscoveredDevices }: Pick<EngineInfo, "DiscoveredDevices">): string[] {
  return (DiscoveredDevices ?? []).flatMap(({ ID }) => (ID.startsWith(cdiKind) ? [ID.slice(cdiKind.length)] : []));
}

/**
 * Checks that the Docker Engine can give GPUs to the box in the planned way. Parts that are not visible from this host pass.
 *
 * @param isRunning whether the box already runs with GPUs given in this way, so that a problem only affects its next start
 */
export function evaluateGpuOffer(plan: GivenGpus, ways: GpuSupport, isRunning = false): CheckResult[] {
  return plan.mode === "cdi" ? evaluateCdi(plan.devices, ways, isRunning) : evaluateRuntime(ways, isRunning);
}

function evaluateRuntime({ engine, toolkit, gpuHook }: GpuSupport, isRunning: boolean): CheckResult[] {
  const hasRuntime = "nvidia" in engine.Runtimes;
  const hasToolkit = toolkit !== undefined && toolkit !== "none";
  if (!hasRuntime && !hasToolkit) {
    const others = cdiDevices(engine);
    return error(
      subject,
      others.length > 0
        ? `the Docker Engine has no NVIDIA runtime, and not all of these GPUs as CDI devices (it has ${others.join(", ")})`
        : "the Docker Engine has neither an NVIDIA runtime nor a CDI device nvidia.com/gpu",
      "one of them, because the stack requests GPUs",
      `install the NVIDIA driver and the NVIDIA Container Toolkit (${toolkitGuide}), or set benchbox:gpu to none`,
    );
  }
  const needed = "nvidia-container-runtime-hook on the Docker Engine's PATH when it starts";
  const orCdi = engine.CDISpecDirs?.length ? `; or set benchbox:gpu to mode: cdi and run: ${generateCdi()}` : "";
  if (gpuHook === "too-late" && !isRunning) {
    const found = "the Docker Engine started before the NVIDIA Container Toolkit was installed, so it refuses GPUs";
    return error(subject, found, needed, `${restartEngine}${orCdi}`);
  }
  if (gpuHook === "missing" && !isRunning) {
    const found = "the NVIDIA Container Toolkit's nvidia-container-runtime-hook is not on the Docker Engine's PATH";
    return error(subject, found, needed, `install it (${toolkitGuide}), then: ${restartEngine}${orCdi}`);
  }
  return passed(subject, hasRuntime ? "through the NVIDIA runtime" : "through the NVIDIA Container Toolkit's hook");
}

function evaluateCdi(devices: GivenGpus["devices"], { engine, cdi }: GpuSupport, isRunning: boolean): CheckResult[] {
  const report = isRunning ? warning : error;
  const folders = engine.CDISpecDirs ?? [];
  if (folders.length === 0) {
    return report(
      subject,
      "CDI is off in the Docker Engine",
      `${enableCdi}, because the stack requests CDI devices`,
      restartEngine,
    );
  }
  const wanted = cdiNames(devices).map((name) => name.slice(cdiKind.length));
  // An engine that does not list its devices, and whose specifications are not readable here, is assumed to have the requested ones.
  const offered = cdi?.map(({ name }) => name) ?? (engine.DiscoveredDevices ? cdiDevices(engine) : wanted);
  const absent = wanted.filter((name) => !offered.includes(name));
  if (absent.length > 0) {
    return report(
      subject,
      `no CDI specification in ${folders.join(" or ")} defines ${absent.map((name) => cdiKind + name).join(", ")}`,
      offered.length > 0
        ? `one of: ${offered.join(", ")}`
        : "a specification of the GPUs, because the stack requests CDI devices",
      generateCdi(),
    );
  }
  const stale = cdi?.find(({ name, missing }) => wanted.includes(name) && missing.length > 0);
  if (stale === undefined) return passed(subject, "as CDI devices");
  const [first, ...others] = stale.missing;
  return report(
    subject,
    `the CDI specification ${stale.specification} names files that do not exist: ` +
      `${first}${others.length > 0 ? ` and ${others.length} more` : ""}`,
    "a specification for the installed driver",
    generateCdi(stale.specification),
  );
}
