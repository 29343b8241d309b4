import { type CheckResult, error, notVisible, passed, warning } from "../model/check-result.ts";
import type { Base } from "../model/machine.ts";
import { isAtLeast } from "../model/version.ts";
import type { Gpu, NoGpus } from "../observe/nvidia-smi.ts";

/** Drivers that a CUDA version runs on, Linux. */
interface CudaNeeds {
  /** What its applications need. */
  readonly minimum: string;
  /** What this release was made with; between the two, code that is compiled when it is loaded (PTX) may fail. */
  readonly madeWith: string;
  /** Older branches on which the image's cuda-compat package stands in for the newer driver. */
  readonly compatibleBranches: readonly number[];
}

/**
 * Minimum drivers: NVIDIA's CUDA release notes, table "CUDA Toolkit and Corresponding Driver Versions"
 * (https://docs.nvidia.com/cuda/archive/12.8.1/cuda-toolkit-release-notes/): 12.8 GA >= 570.26, 12.8 Update 1 >= 570.124.06.
 * Branches: the image's own NVIDIA_REQUIRE_CUDA, which the toolkit holds the machine to when the container starts; its
 * list has every brand but GeForce and Titan. Forward compatibility itself is for data-centre cards and selected RTX ones
 * (https://docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html).
 */
const needs: Readonly<Record<string, CudaNeeds>> = {
  "12.8.0": { minimum: "570.26", madeWith: "570.26", compatibleBranches: [470, 535, 550, 560, 565] },
  "12.8.1": { minimum: "570.26", madeWith: "570.124.06", compatibleBranches: [470, 535, 550, 560, 565] },
};
const subject = "NVIDIA driver";

/** CUDA's version where the base is NVIDIA's own image, `nvidia/cuda:12.8.1-…`, from whatever registry. */
export function cudaOf(base: Base): string | undefined {
  if (base.kind !== "registry") return undefined;
  return /(?:^|\/)nvidia\/cuda:(\d+\.\d+\.\d+)-/.exec(base.reference)?.[1];
}

/**
 * Whether the machine's driver runs what the base brings.
 *
 * @param gpus undefined when they cannot be seen from here
 * @param cuda the base's CUDA version; of one that is not known here, any driver will do
 */
export function evaluateDriver(gpus: readonly Gpu[] | NoGpus | undefined, cuda: string | undefined): CheckResult[] {
  if (gpus === undefined) return notVisible(subject);
  if ("problem" in gpus) return evaluateNoGpus(gpus);
  const [first] = gpus;
  if (first === undefined) return []; // the devices' check tells
  const need = cuda === undefined ? undefined : needs[cuda];
  if (cuda === undefined || need === undefined || isAtLeast(first.driver, need.madeWith)) {
    return passed(subject, first.driver);
  }
  const wanted = `${need.madeWith} or newer for CUDA ${cuda}`;
  const branch = need.minimum.split(".")[0];
  const remedy = `on Ubuntu: sudo apt-get install nvidia-driver-${branch}, then restart the machine`;
  if (isAtLeast(first.driver, need.minimum)) return warning(subject, first.driver, wanted, remedy);
  if (!need.compatibleBranches.includes(Number.parseInt(first.driver, 10))) {
    return error(subject, first.driver, wanted, remedy);
  }
  return evaluateForwardCompatibility(gpus, first.driver, wanted, remedy);
}

function evaluateForwardCompatibility(
  gpus: readonly Gpu[],
  driver: string,
  wanted: string,
  remedy: string,
): CheckResult[] {
  const consumer = gpus.find(({ name }) => /GeForce|TITAN/i.test(name));
  if (consumer !== undefined) return error(subject, `${driver}, with a ${consumer.name}`, wanted, remedy);
  const other = gpus.find(({ name }) => !isDataCentreCard(name));
  if (other === undefined) return passed(subject, `${driver}, by CUDA's forward compatibility`);
  return warning(
    subject,
    `${driver}: NVIDIA promises forward compatibility for data-centre cards, and for few of the others (${other.name})`,
    wanted,
    remedy,
  );
}

/** By its name: Tesla T4, NVIDIA A100-SXM4-80GB, NVIDIA H100 PCIe, NVIDIA L40S, NVIDIA GH200 480GB, but no RTX or Quadro. */
export function isDataCentreCard(name: string): boolean {
  return /\bTesla\b|^(NVIDIA )?(A\d|B\d|H\d|L\d|GH\d|GB\d\d\d|P\d+$|V100|T4\b)/.test(name);
}

function evaluateNoGpus({ problem, reason }: NoGpus): CheckResult[] {
  switch (problem) {
    case "absent":
      // The engine may know a driver that is not on our PATH, so this is for the engine's check to refuse.
      return warning(
        subject,
        "nvidia-smi is not on PATH, so driver and cards are not known",
        "an NVIDIA driver with its nvidia-smi",
        "on Ubuntu: sudo apt-get install nvidia-driver-570, then restart the machine",
      );
    case "mismatch":
      return error(
        subject,
        `it was updated, and the kernel still runs the older one (${reason})`,
        "one version of both",
        "restart the machine: sudo systemctl reboot",
      );
    case "no-driver":
      return error(
        subject,
        `not loaded (${reason})`,
        "a driver that fits the kernel",
        "sudo modprobe nvidia; when that fails, install the driver again after each new kernel, or its -dkms package",
      );
    case "lost":
      return error(
        subject,
        `a GPU does not answer (${reason})`,
        "every GPU alive",
        "restart the machine; sudo dmesg | grep -i xid says what happened",
      );
    case "failed":
      return error(subject, reason, "an nvidia-smi that works", "run nvidia-smi and mend what it says");
  }
}
