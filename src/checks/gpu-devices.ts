import { type CheckResult, error, notVisible, passed } from "../model/check-result.ts";
import type { Gpu, NoGpus } from "../observe/nvidia-smi.ts";
import { chosenGpus, isNamedBy, type WantedGpus } from "../plan/chosen-gpus.ts";

const subject = "GPUs";

/**
 * Checks that the GPUs that the stack requests exist.
 *
 * @param gpus undefined when they are not visible from this host
 * @param cdi the CDI devices of the Docker Engine, which count where nvidia-smi gives no answer
 */
export function evaluateDevices(
  wanted: WantedGpus,
  gpus: readonly Gpu[] | NoGpus | undefined,
  cdi: readonly string[],
): CheckResult[] {
  if (gpus === undefined || "problem" in gpus) {
    if (wanted === "all" || cdi.length === 0) return gpus === undefined ? notVisible(subject) : []; // the driver check reports it
    const missing = missingOf(wanted, (device) => cdi.includes(device));
    return missing.length > 0 ? refuseDevices(missing, cdi.join(", ")) : passed(subject, wanted.toString());
  }
  if (gpus.length === 0) {
    return error(
      subject,
      "nvidia-smi finds none",
      "at least one",
      "check lspci -d 10de: and sudo dmesg | grep -i nvrm; or set benchbox:gpu to none",
    );
  }
  const missing = missingOf(wanted, (device) => gpus.some((gpu) => isNamedBy(gpu, device)));
  if (missing.length > 0) return refuseDevices(missing, gpus.map((gpu) => `${gpu.index} (${gpu.uuid})`).join(", "));
  return passed(subject, chosenGpus(wanted, gpus).map(describe).join("; "));
}

/** Ignores MIG instances, which nvidia-smi does not list: the NVIDIA runtime reports a missing one. */
function missingOf(wanted: WantedGpus, exists: (device: string) => boolean): string[] {
  if (typeof wanted === "string") return [];
  return wanted.filter((device) => !/^MIG-|:/.test(device) && !exists(device));
}

function refuseDevices(missing: readonly string[], available: string): CheckResult[] {
  return error(
    subject,
    `not found: ${missing.join(", ")}`,
    `one of: ${available}`,
    "fix benchbox:gpu in Pulumi.<stack>.yaml; nvidia-smi -L lists the GPUs",
  );
}

const describe = ({ index, name, memoryMiB }: Gpu): string =>
  `${index}: ${name}${memoryMiB === undefined ? "" : `, ${memoryMiB} MiB`}`;
