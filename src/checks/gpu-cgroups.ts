import { type CheckResult, passed, warning } from "../model/check-result.ts";
import { generateCdi, restartEngine } from "../model/gpu-fixes.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";

/**
 * With the NVIDIA runtime's hook systemd does not know of the GPUs that it gave to a container. Where systemd keeps the
 * container's cgroup, every `systemctl daemon-reload` (each package upgrade does one) takes them away: "Failed to initialize
 * NVML: Unknown Error" (https://github.com/NVIDIA/nvidia-container-toolkit/issues/48, and NVIDIA's troubleshooting page).
 * Devices by CDI are in the container's own settings, and stay.
 *
 * @param way how the GPUs get into the container
 */
export function evaluateCgroups(way: "cdi" | "runtime", engine: Pick<EngineInfo, "CgroupDriver">): CheckResult[] {
  const subject = "GPU and systemd";
  if (way === "cdi") return passed(subject, "devices by CDI, which a daemon-reload leaves alone");
  if (engine.CgroupDriver !== "systemd") return passed(subject, `cgroups by ${engine.CgroupDriver || "the engine"}`);
  return warning(
    subject,
    "systemd keeps the containers' cgroups, and the NVIDIA runtime's hook is used: a daemon-reload takes the GPU from the box",
    "devices by CDI, or cgroups by cgroupfs",
    `Docker 28.2 or newer and: ${generateCdi()}; or set "exec-opts": ["native.cgroupdriver=cgroupfs"] in /etc/docker/daemon.json, then: ${restartEngine}`,
  );
}
