import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SecondEngine, startSecondEngine } from "./second-engine.ts";

const recorded = join(import.meta.dirname, "../fixtures/nvidia-smi/535.104.05-a100.csv");

/** UUID of the first of the two fake GPUs. */
export const fakeGpuUuid = "GPU-3b9d6e8f-1a0c-4e4d-9c2b-6f5a4b3c2d01";

/** Devices of the fake CDI specification; each is a null device /dev/nvidia-<name> in a container. */
const devices = ["0", "1", fakeGpuUuid, "all"];

const program = (name: string): string => join(import.meta.dirname, "fake-gpu", name);

/** A specification as `nvidia-ctk cdi generate` writes it. @param library a file of the driver with the driver's version in its name */
const specification = (library?: string) => ({
  cdiVersion: "0.6.0",
  kind: "nvidia.com/gpu",
  devices: devices.map((name) => ({
    name,
    containerEdits: { deviceNodes: [{ path: `/dev/nvidia-${name}`, hostPath: "/dev/null" }] },
  })),
  containerEdits: {
    // Tells the runtime's hook, if there is one, to leave the container alone.
    env: ["NVIDIA_VISIBLE_DEVICES=void"],
    mounts: [
      { hostPath: "/mnt/programs/nvidia-smi", containerPath: "/usr/bin/nvidia-smi", options: ["ro", "nosuid", "bind"] },
      ...(library === undefined ? [] : [{ hostPath: library, containerPath: library, options: ["ro", "bind"] }]),
    ],
  },
});

/** A device that is not a GPU: with this specification a Docker Engine has CDI, but no GPUs. */
const otherDevice = {
  cdiVersion: "0.6.0",
  kind: "vendor.example/card",
  devices: [{ name: "1", containerEdits: { env: ["CARD=1"] } }],
};

/** Starts a Docker Engine that offers fake GPUs in both ways: no driver, no GPU, and an `nvidia-smi` that reports one. */
export function startGpuEngine(): Promise<SecondEngine> {
  return startSecondEngine({
    programs: [program("nvidia-container-runtime-hook"), program("nvidia-smi")],
    runtimes: ["nvidia"],
    cdi: [specification()],
  });
}

/** The same Docker Engine before the toolkit is installed: without the hook and without a specification of GPUs. */
export function startEngineBeforeToolkit(): Promise<SecondEngine> {
  return startSecondEngine({ programs: [program("nvidia-smi")], runtimes: ["nvidia"], cdi: [otherDevice] });
}

/** Puts the fake of the toolkit's hook on the Docker Engine's PATH. */
export function installHook(engine: SecondEngine): void {
  cpSync(program("nvidia-container-runtime-hook"), join(engine.state, "programs/nvidia-container-runtime-hook"));
}

/** Writes the fake CDI specification, replacing an earlier one. */
export function generateCdi(engine: SecondEngine, library?: string): void {
  writeFileSync(join(engine.state, "cdi/nvidia.json"), JSON.stringify(specification(library)));
}

/** The GPUs for which the Docker Engine called the hook of NVIDIA's runtime at a container's last start; undefined if it did not. */
export function requestedGpus(engine: SecondEngine, containerId: string): string | undefined {
  const file = join(engine.state, "asked", `${containerId}.json`);
  if (!existsSync(file)) return undefined;
  const { process } = JSON.parse(readFileSync(file, "utf8")) as { process: { env: string[] } };
  return process.env.findLast((line) => line.startsWith("NVIDIA_VISIBLE_DEVICES="))?.split("=")[1];
}

/** Copies an image from this host's Docker Engine to another one. */
export function copyImage(name: string, engine: SecondEngine): void {
  const saved = execFileSync("docker", ["save", name], { maxBuffer: 4 * 2 ** 30 });
  execFileSync("docker", ["--host", engine.host, "load", "--quiet"], {
    input: saved,
    stdio: ["pipe", "ignore", "pipe"],
  });
}

/** The environment of a host with GPUs: fakes of nvidia-smi and nvidia-ctk are on its PATH, in `folder`. */
export function gpuEnvironment(folder: string): NodeJS.ProcessEnv {
  cpSync(join(import.meta.dirname, "fake-nvidia-smi"), join(folder, "nvidia-smi-query"));
  cpSync(join(import.meta.dirname, "fake-nvidia-smi-clocks"), join(folder, "nvidia-smi"));
  writeFileSync(join(folder, "nvidia-ctk"), "#!/bin/sh\necho 'NVIDIA Container Toolkit CLI version 1.17.8'\n", {
    mode: 0o755,
  });
  return { PATH: `${folder}:${process.env.PATH}`, BENCHBOX_TEST_NVIDIA_SMI: recorded };
}
