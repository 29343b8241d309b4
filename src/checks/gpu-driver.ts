import { type CheckResult, error, notVisible, passed, warning } from "../model/check-result.ts";
import type { Base } from "../model/machine.ts";
import { isAtLeast } from "../model/version.ts";
import type { Gpu, NoGpus } from "../observe/nvidia-smi.ts";

/** NVIDIA drivers for Linux that a CUDA version runs on. */
interface CudaNeeds {
  /** The oldest driver that runs applications of this CUDA version. */
  readonly minimum: string;
  /** The driver that this release was built with. On drivers between the two, PTX code, which is compiled at load time, may fail. */
  readonly builtWith: string;
  /** Older driver branches on which the image's cuda-compat package replaces the newer driver. */
  readonly compatibleBranches: readonly number[];
}

/**
 * Minimum drivers: NVIDIA's CUDA release notes, table "CUDA Toolkit and Corresponding Driver Versions"
 * (https://docs.nvidia.com/cuda/archive/12.8.1/cuda-toolkit-release-notes/): 12.8 GA >= 570.26, 12.8 Update 1 >= 570.124.06.
 * Branches: the image's own NVIDIA_REQUIRE_CUDA, which the NVIDIA Container Toolkit enforces when the container starts; it lists every
 * brand except GeForce and Titan. Forward compatibility itself is for data center GPUs and selected RTX GPUs
 * (https://docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html).
 */
const needs: Readonly<Record<string, CudaNeeds>> = {
  "12.8.0": { minimum: "570.26", builtWith: "570.26", compatibleBranches: [470, 535, 550, 560, 565] },
  "12.8.1": { minimum: "570.26", builtWith: "570.124.06", compatibleBranches: [470, 535, 550, 560, 565] },
};
const subject = "NVIDIA driver";

/** The CUDA version of a base that is NVIDIA's own image, `nvidia/cuda:12.8.1-…`, from any registry; else undefined. */
export function cudaOf(base: Base): string | undefined {
  if (base.kind !== "registry") return undefined;
  return /(?:^|\/)nvidia\/cuda:(\d+\.\d+\.\d+)-/.exec(base.reference)?.[1];
}

/**
 * Checks that the NVIDIA driver supports the CUDA version of the base.
 *
 * @param gpus undefined when they are not visible from this host
 * @param cuda CUDA version of the base; any driver passes for an unknown version
 */
export function evaluateDriver(gpus: readonly Gpu[] | NoGpus | undefined, cuda: string | undefined): CheckResult[] {
  if (gpus === undefined) return notVisible(subject);
  if ("problem" in gpus) return evaluateNoGpus(gpus);
  const [first] = gpus;
  if (first === undefined) return []; // the check of the devices reports it
  const need = cuda === undefined ? undefined : needs[cuda];
  if (cuda === undefined || need === undefined || isAtLeast(first.driver, need.builtWith)) {
    return passed(subject, first.driver);
  }
  const wanted = `${need.builtWith} or newer for CUDA ${cuda}`;
  const branch = need.minimum.split(".")[0];
  const remedy = `on Ubuntu: sudo apt-get install nvidia-driver-${branch}, then reboot the host`;
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
  const other = gpus.find(({ name }) => !isDataCenterGpu(name));
  if (other === undefined) return passed(subject, `${driver}, with CUDA forward compatibility`);
  return warning(
    subject,
    `${driver}: NVIDIA supports CUDA forward compatibility on data center GPUs and a few others, and this host has ${other.name}`,
    wanted,
    remedy,
  );
}

/** Whether a name is that of a data center GPU: Tesla T4, NVIDIA A100-SXM4-80GB, NVIDIA H100 PCIe, NVIDIA L40S; but not RTX or Quadro. */
export function isDataCenterGpu(name: string): boolean {
  return /\bTesla\b|^(NVIDIA )?(A\d|B\d|H\d|L\d|GH\d|GB\d\d\d|P\d+$|V100|T4\b)/.test(name);
}

function evaluateNoGpus({ problem, reason }: NoGpus): CheckResult[] {
  switch (problem) {
    case "absent":
      // The Docker Engine may find a driver that is not on this PATH, so only the check of the engine's GPUs can be an error.
      return warning(
        subject,
        "nvidia-smi is not on PATH, so the driver and the GPUs are unknown",
        "an NVIDIA driver with nvidia-smi",
        "on Ubuntu: sudo apt-get install nvidia-driver-570, then reboot the host",
      );
    case "mismatch":
      return error(
        subject,
        `was updated, but the kernel still runs the older version (${reason})`,
        "the same version in the kernel and in the libraries",
        "reboot the host: sudo systemctl reboot",
      );
    case "no-driver":
      return error(
        subject,
        `not loaded (${reason})`,
        "a driver for the running kernel",
        "sudo modprobe nvidia; if that fails, reinstall the driver after each kernel update, or install its -dkms package",
      );
    case "lost":
      return error(
        subject,
        `a GPU does not answer (${reason})`,
        "every GPU responding",
        "reboot the host; sudo dmesg | grep -i xid shows what happened",
      );
    case "failed":
      return error(subject, reason, "a working nvidia-smi", "run nvidia-smi and fix what it reports");
  }
}
