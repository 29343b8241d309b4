import { type CheckResult, notVisible, passed, warning } from "../model/check-result.ts";
import { toolkitGuide } from "../model/gpu-fixes.ts";
import { isAtLeast } from "../model/version.ts";

/**
 * The first NVIDIA Container Toolkit without CVE-2025-23266: in those before, an image could run code on the host as root
 * when its container starts (NVIDIA's security bulletin of July 2025; fixed in 1.17.8). A warning and no error, since
 * a stack's image is its user's own; but a base from a registry is somebody else's.
 */
const safe = "1.17.8";
const subject = "NVIDIA Container Toolkit";

/** @param version `none` when there is none; undefined when it cannot be seen from here */
export function evaluateToolkit(version: string | undefined): CheckResult[] {
  if (version === undefined) return notVisible(subject);
  if (version === "none") {
    return warning(
      subject,
      "neither nvidia-ctk nor nvidia-container-cli is on PATH, so its version is not known",
      `${safe} or newer`,
      `install it: ${toolkitGuide}`,
    );
  }
  if (isAtLeast(version, safe)) return passed(subject, version);
  return warning(
    subject,
    `${version}, in which an image can take over the host (CVE-2025-23266)`,
    `${safe} or newer`,
    "sudo apt-get update && sudo apt-get install --only-upgrade nvidia-container-toolkit nvidia-container-toolkit-base libnvidia-container-tools libnvidia-container1",
  );
}
