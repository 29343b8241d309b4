import { type CheckResult, error, passed, warning } from "../model/check-result.ts";
import { isRemoteEngine } from "../model/engine-address.ts";
import { restartEngine } from "../model/gpu-fixes.ts";
import { podmanFix, podmanFound, whyNotPodman } from "../model/podman.ts";
import { isAtLeast } from "../model/version.ts";
import type { EngineInfo, NoEngine } from "../observe/docker-engine.ts";

/** The lowest engine that the tests have run on. */
const tried = "20.10";
/** `--gpus` came with this one. */
const firstWithGpus = "19.03";

/** Storage drivers that keep a whole copy of the image for each layer and each container, or that engines gave up. */
const poorDrivers: Readonly<Record<string, string>> = {
  vfs: "copies the whole image for each layer and container",
  devicemapper: "was given up by newer engines",
  aufs: "was given up by newer engines",
};

/**
 * @param address DOCKER_HOST
 * @param declared `docker_host` of the stack
 */
export function evaluateNoEngine({ problem, reason }: NoEngine, address?: string, declared?: string): CheckResult[] {
  switch (problem) {
    case "podman":
      return error(
        "Docker Engine",
        podmanFound(reason, address),
        `Docker Engine ${tried} or newer: ${whyNotPodman}`,
        podmanFix,
      );
    case "no-client":
      return error("Docker", "the docker client is not on PATH", "a docker client and an engine", "npm run setup");
    case "denied":
      return error(
        "Docker Engine",
        "permission denied on its socket: this user may not use it",
        "a user of the group docker, or root",
        "sudo usermod -aG docker $USER, then log in again",
      );
    case "other-version":
      return error(
        "Docker Engine",
        `it and the docker client here do not understand each other (${reason})`,
        "a client and an engine that have a version of the API in common; DOCKER_API_VERSION not set",
        "update the older of the two: https://docs.docker.com/engine/install/",
      );
    case "silent":
      return error(
        "Docker Engine",
        `does not answer (${reason || "no answer in time"})`,
        "a running engine",
        remedyFor(address, declared),
      );
  }
}

/** What is to be tried on the engine's machine, or from here to it. */
function remedyFor(address: string | undefined, declared: string | undefined): string {
  if (address === undefined) return "npm run setup";
  if (!isRemoteEngine(address)) {
    const other =
      declared === undefined ? "choose another one (DOCKER_HOST, docker context)" : "correct benchbox:docker_host";
    return `start the engine at ${address}, or ${other}`;
  }
  const byHand = `docker --host ${address} version`;
  // ssh asks about a host key that it does not know, which nobody answers here.
  return address?.startsWith("ssh://")
    ? `${byHand}; and before it once: ssh ${address.replace(/^ssh:\/\//, "").replace(/:(\d+)$/, " -p $1")}, which asks about the host key`
    : byHand;
}

export function evaluateEngine(engine: EngineInfo, wantsGpus: boolean): CheckResult[] {
  return [...evaluateVersion(engine.ServerVersion, wantsGpus), ...evaluateStorageDriver(engine.Driver)];
}

function evaluateVersion(version: string, wantsGpus: boolean): CheckResult[] {
  const update = "update it: https://docs.docker.com/engine/install/";
  if (wantsGpus && !isAtLeast(version, firstWithGpus)) {
    return error("Docker Engine", version, `${firstWithGpus} or newer, to hand out GPUs`, update);
  }
  if (isAtLeast(version, tried)) return passed("Docker Engine", version);
  return warning("Docker Engine", version, `${tried} or newer: older ones are not tried`, update);
}

function evaluateStorageDriver(driver: string): CheckResult[] {
  const fault = poorDrivers[driver];
  if (fault === undefined) return passed("storage driver", driver);
  return warning(
    "storage driver",
    `${driver}, which ${fault}`,
    "overlay2",
    `set "storage-driver": "overlay2" in /etc/docker/daemon.json (images and containers start anew), then: ${restartEngine}`,
  );
}
