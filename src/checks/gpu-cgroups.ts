import { type CheckResult, passed, warning } from "../model/check-result.ts";
import { generateCdi, restartEngine } from "../model/gpu-fixes.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";

/**
 * Warns about GPUs that a container may lose. systemd does not know about the GPUs that the NVIDIA runtime's hook adds to a container.
 * Where systemd manages the container's cgroup, every `systemctl daemon-reload` (each package upgrade runs one) removes them: "Failed
 * to initialize NVML: Unknown Error" (https://github.com/NVIDIA/nvidia-container-toolkit/issues/48, and NVIDIA's troubleshooting page).
 * CDI devices are part of the container's own settings, and stay.
 *
 * @param way how the GPUs get into the container
 */
export function evaluateCgroups(way: "cdi" | "runtime", engine: Pick<EngineInfo, "CgroupDriver">): CheckResult[] {
  const subject = "GPU and systemd";
  if (way === "cdi") return passed(subject, "CDI devices, which a daemon-reload does not affect");
  if (engine.CgroupDriver !== "systemd")
    return passed(subject, `cgroups managed by ${engine.CgroupDriver || "the Docker Engine"}`);
  return warning(
    subject,
    "systemd manages the containers' cgroups, and the NVIDIA runtime's hook adds the GPU: a daemon-reload removes it from the box",
    "CDI devices, or cgroups managed by cgroupfs",
    `with Docker 28.2 or newer, run: ${generateCdi()}; or set "exec-opts": ["native.cgroupdriver=cgroupfs"] ` +
      `in /etc/docker/daemon.json, then: ${restartEngine}`,
  );
}
