import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SecondEngine, startSecondEngine } from "./second-engine.ts";

const recorded = join(import.meta.dirname, "../fixtures/nvidia-smi/535.104.05-a100.csv");

/** Of the first of the two GPUs that the stand-ins have. */
export const standInUuid = "GPU-3b9d6e8f-1a0c-4e4d-9c2b-6f5a4b3c2d01";

/** Devices of the stand-in's CDI specification; each is a null device /dev/nvidia-<name> in a container. */
const devices = ["0", "1", standInUuid, "all"];

const program = (name: string): string => join(import.meta.dirname, "stand-in-gpu", name);

/** As `nvidia-ctk cdi generate` writes it. @param library a file of the driver, by whose version it is called */
const specification = (library?: string) => ({
  cdiVersion: "0.6.0",
  kind: "nvidia.com/gpu",
  devices: devices.map((name) => ({
    name,
    containerEdits: { deviceNodes: [{ path: `/dev/nvidia-${name}`, hostPath: "/dev/null" }] },
  })),
  containerEdits: {
    // The runtime's hook, where there is one too, is told to leave the container alone.
    env: ["NVIDIA_VISIBLE_DEVICES=void"],
    mounts: [
      { hostPath: "/mnt/programs/nvidia-smi", containerPath: "/usr/bin/nvidia-smi", options: ["ro", "nosuid", "bind"] },
      ...(library === undefined ? [] : [{ hostPath: library, containerPath: library, options: ["ro", "bind"] }]),
    ],
  },
});

/** A device that is no GPU: with its specification an engine has CDI, and nothing for us. */
const otherDevice = {
  cdiVersion: "0.6.0",
  kind: "vendor.example/card",
  devices: [{ name: "1", containerEdits: { env: ["CARD=1"] } }],
};

/** Starts an engine that gives GPUs in both ways, by stand-ins: no driver, no GPU, and an `nvidia-smi` that says there is one. */
export function startGpuEngine(): Promise<SecondEngine> {
  return startSecondEngine({
    programs: [program("nvidia-container-runtime-hook"), program("nvidia-smi")],
    runtimes: ["nvidia"],
    cdi: [specification()],
  });
}

/** The same engine before there is a toolkit: it starts without the hook and without a specification of GPUs. */
export function startEngineBeforeToolkit(): Promise<SecondEngine> {
  return startSecondEngine({ programs: [program("nvidia-smi")], runtimes: ["nvidia"], cdi: [otherDevice] });
}

/** Puts the stand-in for the toolkit's hook on the engine's PATH. */
export function installHook(engine: SecondEngine): void {
  cpSync(program("nvidia-container-runtime-hook"), join(engine.state, "programs/nvidia-container-runtime-hook"));
}

/** Writes the stand-in's CDI specification, or writes it again. */
export function generateCdi(engine: SecondEngine, library?: string): void {
  writeFileSync(join(engine.state, "cdi/nvidia.json"), JSON.stringify(specification(library)));
}

/** The GPUs for which the engine called the hook of NVIDIA's runtime at a container's last start; undefined when it did not. */
export function askedOfRuntime(engine: SecondEngine, containerId: string): string | undefined {
  const file = join(engine.state, "asked", `${containerId}.json`);
  if (!existsSync(file)) return undefined;
  const { process } = JSON.parse(readFileSync(file, "utf8")) as { process: { env: string[] } };
  return process.env.findLast((line) => line.startsWith("NVIDIA_VISIBLE_DEVICES="))?.split("=")[1];
}

/** Gives an image of this machine's engine to another one. */
export function copyImage(name: string, engine: SecondEngine): void {
  const saved = execFileSync("docker", ["save", name], { maxBuffer: 4 * 2 ** 30 });
  execFileSync("docker", ["--host", engine.host, "load", "--quiet"], {
    input: saved,
    stdio: ["pipe", "ignore", "pipe"],
  });
}

/** The environment of a machine with GPUs: stand-ins for nvidia-smi and nvidia-ctk are on its PATH, in `folder`. */
export function gpuMachine(folder: string): NodeJS.ProcessEnv {
  cpSync(join(import.meta.dirname, "stand-in-nvidia-smi"), join(folder, "nvidia-smi-query"));
  cpSync(join(import.meta.dirname, "stand-in-nvidia-smi-clocks"), join(folder, "nvidia-smi"));
  writeFileSync(join(folder, "nvidia-ctk"), "#!/bin/sh\necho 'NVIDIA Container Toolkit CLI version 1.17.8'\n", {
    mode: 0o755,
  });
  return { PATH: `${folder}:${process.env.PATH}`, BENCHBOX_TEST_NVIDIA_SMI: recorded };
}
