import { type CheckResult, error, passed, warning } from "../model/check-result.ts";
import { isRemoteEngine } from "../model/engine-address.ts";
import { restartEngine } from "../model/gpu-fixes.ts";
import { podmanFix, podmanFound, whyNotPodman } from "../model/podman.ts";
import { isAtLeast } from "../model/version.ts";
import type { EngineInfo, NoEngine } from "../observe/docker-engine.ts";

/** The oldest Docker Engine that the tests have run on. */
const oldestTested = "20.10";
/** The first Docker Engine with `--gpus`. */
const firstWithGpus = "19.03";

/** Storage drivers that waste disk space, or that newer Docker Engines no longer support. */
const poorDrivers: Readonly<Record<string, string>> = {
  vfs: "copies the whole image for each layer and container",
  devicemapper: "newer Docker Engines no longer support",
  aufs: "newer Docker Engines no longer support",
};

/**
 * Explains why the Docker Engine cannot be used.
 *
 * @param address DOCKER_HOST
 * @param configured `docker_host` of the stack
 */
export function evaluateNoEngine({ problem, reason }: NoEngine, address?: string, configured?: string): CheckResult[] {
  switch (problem) {
    case "podman":
      return error(
        "Docker Engine",
        podmanFound(reason, address),
        `Docker Engine ${oldestTested} or newer: ${whyNotPodman}`,
        podmanFix,
      );
    case "no-client":
      return error(
        "Docker",
        "the docker client is not on PATH",
        "a docker client and a Docker Engine",
        "npm run setup",
      );
    case "denied":
      return error(
        "Docker Engine",
        "permission denied: this user may not use its socket",
        "a user in the docker group, or root",
        "sudo usermod -aG docker $USER, then log in again",
      );
    case "other-version":
      return error(
        "Docker Engine",
        `has no API version in common with the docker client on this host (${reason})`,
        "a docker client and a Docker Engine with a common API version, and no DOCKER_API_VERSION",
        "update the older of the two: https://docs.docker.com/engine/install/",
      );
    case "silent":
      return error(
        "Docker Engine",
        `does not answer (${reason || "no answer in time"})`,
        "a running Docker Engine",
        remedyFor(address, configured),
      );
  }
}

/** The fix for a Docker Engine that does not answer, by its address. */
function remedyFor(address: string | undefined, configured: string | undefined): string {
  if (address === undefined) return "npm run setup";
  if (!isRemoteEngine(address)) {
    const other =
      configured === undefined ? "choose another one (DOCKER_HOST, docker context)" : "correct benchbox:docker_host";
    return `start the Docker Engine at ${address}, or ${other}`;
  }
  const byHand = `docker --host ${address} version`;
  // ssh asks to confirm an unknown host key, and cannot ask in the background.
  return address?.startsWith("ssh://")
    ? `confirm the host key once: ssh ${address.replace(/^ssh:\/\//, "").replace(/:(\d+)$/, " -p $1")}; then check: ${byHand}`
    : byHand;
}

/** Checks the version and the storage driver of the Docker Engine. */
export function evaluateEngine(engine: EngineInfo, wantsGpus: boolean): CheckResult[] {
  return [...evaluateVersion(engine.ServerVersion, wantsGpus), ...evaluateStorageDriver(engine.Driver)];
}

function evaluateVersion(version: string, wantsGpus: boolean): CheckResult[] {
  const update = "update it: https://docs.docker.com/engine/install/";
  if (wantsGpus && !isAtLeast(version, firstWithGpus)) {
    return error("Docker Engine", version, `${firstWithGpus} or newer, to give GPUs to containers`, update);
  }
  if (isAtLeast(version, oldestTested)) return passed("Docker Engine", version);
  return warning("Docker Engine", version, `${oldestTested} or newer: older versions are not tested`, update);
}

function evaluateStorageDriver(driver: string): CheckResult[] {
  const fault = poorDrivers[driver];
  if (fault === undefined) return passed("storage driver", driver);
  return warning(
    "storage driver",
    `${driver}, which ${fault}`,
    "overlay2",
    'set "storage-driver": "overlay2" in /etc/docker/daemon.json (existing images and containers become inaccessible), ' +
      `then: ${restartEngine}`,
  );
}
