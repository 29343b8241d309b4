import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import type { Machine } from "../config/machine.ts";
import { hostOf, pullSources } from "../lib/image-reference.ts";
import { isLoopback, proxiesOf } from "../lib/proxy.ts";
import type { BoxObservation } from "./box.ts";
import { docker } from "./docker.ts";
import type { MachineObservation } from "./machine.ts";
import { missingForX11 } from "./x11.ts";

/** What `docker info` says of the engine, as far as it matters here. */
interface EngineInfo {
  readonly DockerRootDir: string;
  readonly Runtimes: Readonly<Record<string, unknown>>;
  /** Kinds of devices that the engine can hand out by the Container Device Interface; engines before 28.2 do not say. */
  readonly DiscoveredDevices?: readonly { readonly ID: string }[] | null;
}

/** Free disk space that a build needs, in GiB: the CUDA development image unpacks to about 9, a Debian base to less than 1. */
const neededGiB = { registry: 20, debootstrap: 2 } as const;

/** How long a registry may take to answer, in milliseconds. */
const registryTimeLimit = 10_000;

/**
 * What this machine lacks for the stack, a sentence each: what was looked for, what was found, what helps.
 * Looks only; empty when all is there.
 *
 * @param isBuilt whether the engine has the stack's image, so that nothing need be pulled or built
 */
export async function missingOn(
  machine: Machine,
  seen: Pick<MachineObservation, "box" | "base">,
  isBuilt: boolean,
): Promise<string[]> {
  const [engine, address] = await Promise.all([askEngine(), checkAddress(machine)]);
  if (address !== undefined) return [address];
  if (typeof engine === "string") return [engine];
  const missing = await Promise.all([
    checkGpu(machine, engine),
    isBuilt || seen.base !== undefined ? undefined : checkRegistries(machine),
    isBuilt ? undefined : checkProxies(machine),
    checkPort(machine, seen.box),
    missingForX11(machine),
    checkDisk(machine, engine, seen.box),
  ]);
  return missing.filter((one) => one !== undefined);
}

/**
 * The docker client, the plugin and the image build each find the engine in their own way, and a build goes to the local
 * one when in doubt. They agree when DOCKER_HOST says which it is.
 */
async function checkAddress({ dockerHost }: Machine): Promise<string | undefined> {
  const found = process.env.DOCKER_HOST;
  if (dockerHost !== undefined && found !== dockerHost) {
    return (
      `The stack's engine is ${dockerHost} (docker_host), and DOCKER_HOST is ${found ?? "not set"}: the image would be built elsewhere. ` +
      `Use npm run up, or: export DOCKER_HOST=${dockerHost}`
    );
  }
  if (found) return undefined;
  const { ok, stdout } = await docker(["context", "show"]);
  if (!ok || stdout.trim() === "default") return undefined;
  return (
    `The docker client uses the context ${stdout.trim()}, which the plugins do not know: the image would be built elsewhere. ` +
    `Use npm run up, or: export DOCKER_HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}')`
  );
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

async function checkRegistries({ base }: Machine): Promise<string | undefined> {
  if (base.kind === "debootstrap" || isRemote(process.env.DOCKER_HOST)) return undefined;
  const sources = pullSources(base.reference, base.mirrors).map(({ registry }) => registry);
  const registries = [...new Set(sources.map((host) => (host === "docker.io" ? "registry-1.docker.io" : host)))];
  const answers = await Promise.all(registries.map(answersHttp));
  if (answers.includes(true)) return undefined;
  return (
    `The base image ${base.reference} is not on the Docker Engine, and ${registries.length === 1 ? "its registry" : "none of its registries"} ` +
    `${registries.join(", ")} ${registries.length === 1 ? "does not answer" : "answers"}. Check the network or the proxy, ` +
    `name a registry that can be reached (image.mirrors), or get the image onto the engine (docker load).`
  );
}

/** Any answer will do, "401 Unauthorized" as well. Registries on a loopback address are not asked for TLS by the engine. */
async function answersHttp(registry: string): Promise<boolean> {
  const scheme = isLoopback(hostOf(registry)) ? "http" : "https";
  try {
    await fetch(`${scheme}://${registry}/v2/`, { signal: AbortSignal.timeout(registryTimeLimit) });
    return true;
  } catch {
    return false;
  }
}

function checkProxies({ build }: Machine): string | undefined {
  const engine = process.env.DOCKER_HOST;
  if (!build.useProxy || !isRemote(engine)) return undefined;
  const local = proxiesOf(process.env).filter(({ address }) => address && isLoopback(address.host));
  if (local.length === 0) return undefined;
  return (
    `${local.flatMap(({ names }) => names).join(", ")} names a proxy on this machine's loopback address, which the engine ${engine} ` +
    `cannot reach. Set it to an address that the engine's machine can reach, or unset it, or set build.enable_global_proxy to false.`
  );
}

/** Whether an engine's address leads to another machine. */
export function isRemote(address: string | undefined): boolean {
  const host = /^(?:ssh|tcp|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/.exec(address ?? "")?.[1];
  return host !== undefined && !isLoopback(host);
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

export function canListen(host: string, port: number): Promise<boolean> {
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
