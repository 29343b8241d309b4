import { type CheckResult, error, notVisible, passed } from "../model/check-result.ts";
import type { Gpu, NoGpus } from "../observe/nvidia-smi.ts";
import { chosenGpus, isNamedBy, type WantedGpus } from "../plan/chosen-gpus.ts";

const subject = "GPUs";

/**
 * Whether the GPUs that the stack asks for are there.
 *
 * @param gpus undefined when they cannot be seen from here
 * @param cdi what the engine offers by CDI, where nvidia-smi says nothing
 */
export function evaluateDevices(
  wanted: WantedGpus,
  gpus: readonly Gpu[] | NoGpus | undefined,
  cdi: readonly string[],
): CheckResult[] {
  if (gpus === undefined || "problem" in gpus) {
    if (wanted === "all" || cdi.length === 0) return gpus === undefined ? notVisible(subject) : []; // the driver's check tells
    const missing = missingOf(wanted, (device) => cdi.includes(device));
    return missing.length > 0 ? refuseDevices(missing, cdi.join(", ")) : passed(subject, wanted.toString());
  }
  if (gpus.length === 0) {
    return error(
      subject,
      "nvidia-smi finds none",
      "at least one",
      "look at: lspci -d 10de: and sudo dmesg | grep -i nvrm; or set benchbox:gpu to none",
    );
  }
  const missing = missingOf(wanted, (device) => gpus.some((gpu) => isNamedBy(gpu, device)));
  if (missing.length > 0) return refuseDevices(missing, gpus.map((gpu) => `${gpu.index} (${gpu.uuid})`).join(", "));
  return passed(subject, chosenGpus(wanted, gpus).map(describe).join("; "));
}

/** Instances of a GPU (MIG) are not in nvidia-smi's list: the runtime will tell. */
function missingOf(wanted: WantedGpus, isThere: (device: string) => boolean): string[] {
  if (typeof wanted === "string") return [];
  return wanted.filter((device) => !/^MIG-|:/.test(device) && !isThere(device));
}

function refuseDevices(missing: readonly string[], there: string): CheckResult[] {
  return error(
    subject,
    `there is no ${missing.join(", no ")}`,
    `one of: ${there}`,
    "mend benchbox:gpu in the stack's Pulumi.<stack>.yaml; nvidia-smi -L lists what there is",
  );
}

const describe = ({ index, name, memoryMiB }: Gpu): string =>
  `${index}: ${name}${memoryMiB === undefined ? "" : `, ${memoryMiB} MiB`}`;
