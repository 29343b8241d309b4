import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import type { Machine } from "../config/machine.ts";
import type { BoxObservation } from "./box.ts";
import { docker } from "./docker.ts";
import { imageExists } from "./images.ts";

/** What `docker info` says of the engine, as far as it matters here. */
interface EngineInfo {
  readonly DockerRootDir: string;
  readonly Runtimes: Readonly<Record<string, unknown>>;
  /** Kinds of devices that the engine can hand out by the Container Device Interface; engines before 28.2 do not say. */
  readonly DiscoveredDevices?: readonly { readonly ID: string }[] | null;
}

/** Free disk space that a build needs, in GiB: the CUDA development image unpacks to about 9, a Debian base to less than 1. */
const neededGiB = { registry: 20, debootstrap: 2 } as const;

/** How long the registry may take to answer, in milliseconds. */
const registryTimeLimit = 15_000;

/**
 * What this machine lacks for the stack, a sentence each: what was looked for, what was found, what helps.
 * Looks only; empty when all is there.
 */
export async function missingOn(machine: Machine, box: BoxObservation): Promise<string[]> {
  const engine = await askEngine();
  if (typeof engine === "string") return [engine];
  const missing = await Promise.all([
    checkGpu(machine, engine),
    checkBase(machine),
    checkPort(machine, box),
    checkDisk(machine, engine, box),
  ]);
  return missing.filter((one) => one !== undefined);
}

async function askEngine(): Promise<EngineInfo | string> {
  const { ok, stdout, stderr, startError } = await docker(["info", "--format", "{{json .}}"]);
  if (startError === "ENOENT") return "The docker client is not on PATH. Set up what is missing: npm run setup";
  const info = ok ? JSON.parse(stdout) : undefined;
  if (info?.DockerRootDir) return info;
  const reason: string = info?.ServerErrors?.join(" ") ?? stderr;
  if (/permission denied/i.test(reason)) {
    return (
      "This user may not use the Docker Engine: permission denied on its socket. " +
      "Join the group docker (sudo usermod -aG docker $USER, then log in again), or run this as root."
    );
  }
  return `The Docker Engine does not answer (${reason || "no answer in time"}). Start it: npm run setup`;
}

async function checkGpu(machine: Machine, engine: EngineInfo): Promise<string | undefined> {
  if (machine.gpu === "none") return undefined;
  const hasDevice = engine.DiscoveredDevices?.some(({ ID }) => ID.startsWith("nvidia.com/gpu"));
  if ("nvidia" in engine.Runtimes || hasDevice) return undefined;
  return (
    "The stack wants all GPUs, but the Docker Engine has neither an NVIDIA runtime nor a CDI device nvidia.com/gpu. " +
    "Install the NVIDIA driver and the NVIDIA Container Toolkit (https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/), " +
    "or set benchbox:gpu to none."
  );
}

async function checkBase({ base }: Machine): Promise<string | undefined> {
  if (base.kind === "debootstrap" || (await imageExists(base.reference))) return undefined;
  const registry =
    base.reference.includes("/") && /[.:]/.test(base.reference.split("/")[0] ?? "")
      ? base.reference.split("/")[0]
      : "registry-1.docker.io";
  try {
    await fetch(`https://${registry}/v2/`, { signal: AbortSignal.timeout(registryTimeLimit) });
    return undefined; // any answer will do, "401 Unauthorized" as well
  } catch {
    return (
      `The base image ${base.reference} is not on the Docker Engine, and its registry ${registry} does not answer. ` +
      `Check the network or the proxy, or get the image onto the engine (docker load).`
    );
  }
}

async function checkPort({ name, ssh }: Machine, box: BoxObservation): Promise<string | undefined> {
  if (box.state === "running" || box.state === "unreachable") return undefined; // then it is ours
  if (await canListen(ssh.bind, ssh.port)) return undefined;
  const { stdout } = await docker(["ps", "--filter", `publish=${ssh.port}`, "--format", "the container {{.Names}}"]);
  return (
    `Port ${ssh.port} on ${ssh.bind}, on which ${name} is to be reached by SSH, is taken by ${stdout.trim() || "another program"}. ` +
    `Stop it, or give this stack another port: set benchbox:ssh.port in its Pulumi.<stack>.yaml.`
  );
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

async function checkDisk({ base }: Machine, engine: EngineInfo, box: BoxObservation): Promise<string | undefined> {
  if (box.state !== "absent") return undefined; // it is built already
  const needed = neededGiB[base.kind];
  const disk = await statfs(engine.DockerRootDir).catch(() => undefined); // another machine's engine, or not ours to see
  const freeGiB = disk && (disk.bavail * disk.bsize) / 2 ** 30;
  if (freeGiB === undefined || freeGiB >= needed) return undefined;
  return (
    `Building the box needs about ${needed} GiB in ${engine.DockerRootDir}, of which ${freeGiB.toFixed(1)} GiB are free. ` +
    `Free some: docker system df shows what is used, docker image prune removes images without a name.`
  );
}
