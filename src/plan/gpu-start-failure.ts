import { enableCdi, generateCdi, restartEngine, toolkitGuide } from "../model/gpu-fixes.ts";

/** Why a container with GPUs did not start, and what fixes it. */
export interface GpuStartFailure {
  readonly why: string;
  readonly fix: string;
}

interface Row {
  /** Matches the Docker Engine's message; its first group is the argument of `explain`. */
  readonly pattern: RegExp;
  readonly explain: (match: string) => GpuStartFailure;
}

const noHook = (): GpuStartFailure => ({
  why: "the Docker Engine found no NVIDIA Container Toolkit when it started",
  fix: `${restartEngine}; where the toolkit is not installed yet, install it first: ${toolkitGuide}`,
});

const staleSpecification = (file: string): GpuStartFailure => ({
  why: `the CDI specification names ${file}, which does not exist: it is out of date`,
  fix: `${generateCdi()} (if another specification names the file, write that one: grep -rl ${file} /etc/cdi /var/run/cdi)`,
});

/**
 * Messages of Docker Engine 20.10 to 29 (moby's daemon/devices*.go, daemon/nvidia_linux.go, daemon/cdi.go), of its CDI library
 * (tags.cncf.io/container-device-interface, pkg/cdi), of runc, and of NVIDIA's libnvidia-container and Container Toolkit.
 */
const rows: readonly Row[] = [
  {
    // `--gpus` also causes this message, where Docker 29 finds nvidia-cdi-hook and CDI is off.
    pattern:
      /could not select device driver "cdi"|no CDI device driver registered|no CDI specification directories specified/i,
    explain: () => ({ why: "CDI is off in the Docker Engine", fix: `use ${enableCdi}, then: ${restartEngine}` }),
  },
  { pattern: /could not select device driver "(?:nvidia)?" with capabilities: \[\[gpu/, explain: noHook },
  {
    // Without NVIDIA's programs, Docker 29 tries AMD's driver.
    pattern: /failed to discover GPU vendor from CDI: no known GPU vendor found/,
    explain: noHook,
  },
  {
    // The same cause as above, on a host with a CDI specification of NVIDIA.
    pattern: /AMD CDI spec not found/,
    explain: () => ({ ...noHook(), fix: `set benchbox:gpu to mode: cdi, or: ${restartEngine}` }),
  },
  {
    pattern: /exec: "nvidia-container-runtime-hook": executable file not found/,
    explain: () => ({
      why: "the NVIDIA Container Toolkit was removed after the Docker Engine started",
      fix: `install it: ${toolkitGuide}`,
    }),
  },
  {
    pattern: /unresolvable CDI devices (.+)/,
    explain: (devices) => ({
      why: `no CDI specification has ${devices}`,
      fix: `${generateCdi()}; to list the devices: nvidia-ctk cdi list`,
    }),
  },
  {
    pattern: /failed to stat CDI host device "(\/dev\/nvidia-uvm[^"]*)": no such file or directory/,
    explain: (device) => ({
      why: `the CDI specification names ${device}, and the driver's module for it is not loaded`,
      fix: "sudo nvidia-modprobe --unified-memory --create-nvidia-device-file=0",
    }),
  },
  { pattern: /failed to stat CDI host device "([^"]+)": no such file or directory/, explain: staleSpecification },
  { pattern: /error mounting "([^"]+)" to rootfs at .*: no such file or directory/, explain: staleSpecification },
  // runc 1.2 and newer
  { pattern: /failed to fulfil mount request: open (\S+): no such file or directory/, explain: staleSpecification },
  { pattern: /error running \S*\s?hook.*: fork\/exec (\S+): no such file or directory/, explain: staleSpecification },
  {
    // NVIDIA/nvidia-docker#1629; the second alternative appears where no driver is installed.
    pattern:
      /nvidia-container-cli: initialization error: (nvml error: driver not loaded|load library failed: libnvidia-ml\.so\.1)/,
    explain: () => ({
      why: "the NVIDIA driver is not loaded or not installed",
      fix: "sudo modprobe nvidia; where that fails, install the driver that fits the kernel",
    }),
  },
  {
    // NVIDIA/nvidia-container-toolkit#152, MauriceNino/dashdot#1226
    pattern: /nvidia-container-cli: requirement error: unsatisfied condition: (.*?)(?:, please|: unknown|$)/,
    explain: (needs) => ({
      why: `the NVIDIA driver is too old for the image, which requires ${needs}`,
      fix: "install a newer driver, or set benchbox:base to an image with an older CUDA",
    }),
  },
  {
    // NVIDIA/nvidia-docker#1283
    pattern: /nvidia-container-cli: device error: (.*?): unknown device/,
    explain: (device) => ({
      why: `there is no GPU ${device}`,
      fix: "set benchbox:gpu to GPUs that `nvidia-smi -L` lists",
    }),
  },
  {
    // nvidia-container-toolkit, cmd/nvidia-container-runtime-hook/main.go: the hook's mode is cdi or csv.
    pattern: /invoking the NVIDIA Container Runtime Hook directly .*is not supported/,
    explain: () => ({
      why: "the NVIDIA Container Toolkit is set up for CDI, and its hook rejects mode runtime",
      fix: `set benchbox:gpu to mode: cdi, and: ${generateCdi()}`,
    }),
  },
];

/**
 * @param message the Docker Engine's error for the start of a container
 * @param mounted sources of the container's own mounts: if one of them is missing, the cause is not a CDI specification
 * @returns undefined where no known GPU problem explains the error
 */
export function explainGpuStart(message: string, mounted: readonly string[] = []): GpuStartFailure | undefined {
  for (const { pattern, explain } of rows) {
    const match = pattern.exec(message);
    if (match !== null && !mounted.includes(match[1] ?? "")) return explain(match[1] ?? "");
  }
  return undefined;
}

/** The report of a failed start; undefined where `explainGpuStart` has no explanation. */
export function formatGpuStartFailure(
  container: string,
  message: string,
  mounted: readonly string[],
): string | undefined {
  const failure = explainGpuStart(message, mounted);
  if (failure === undefined) return undefined;
  return `benchbox: container ${container} did not start: ${failure.why}\n  Fix: ${failure.fix}; then run this again`;
}
