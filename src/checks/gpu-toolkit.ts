import { type CheckResult, notVisible, passed, warning } from "../model/check-result.ts";
import { toolkitGuide } from "../model/gpu-fixes.ts";
import { isAtLeast } from "../model/version.ts";

/**
 * The first NVIDIA Container Toolkit without CVE-2025-23266. With older versions, an image could run code on the host as root when its
 * container starts (NVIDIA's security bulletin of July 2025; fixed in 1.17.8). It is a warning, not an error, because users build the
 * image of a stack themselves; but its base may come from someone else's registry.
 */
const firstSafe = "1.17.8";
const subject = "NVIDIA Container Toolkit";

/**
 * Checks the version of the NVIDIA Container Toolkit.
 *
 * @param version `none` when it is not installed; undefined when it is not visible from this host
 */
export function evaluateToolkit(version: string | undefined): CheckResult[] {
  if (version === undefined) return notVisible(subject);
  if (version === "none") {
    return warning(
      subject,
      "neither nvidia-ctk nor nvidia-container-cli is on PATH, so its version is unknown",
      `${firstSafe} or newer`,
      `install it: ${toolkitGuide}`,
    );
  }
  if (isAtLeast(version, firstSafe)) return passed(subject, version);
  return warning(
    subject,
    `${version}, with which an image can take over the host (CVE-2025-23266)`,
    `${firstSafe} or newer`,
    "sudo apt-get update && sudo apt-get install --only-upgrade nvidia-container-toolkit nvidia-container-toolkit-base " +
      "libnvidia-container-tools libnvidia-container1",
  );
}
