import { cpus } from "node:os";
import { isRemoteEngine } from "../model/engine-address.ts";
import { isRootless } from "../model/engine-traits.ts";
import { cdiKind } from "../model/gpu.ts";
import type { IdMaps } from "../model/id-map.ts";
import type { Machine, Ulimit } from "../model/machine.ts";
import { isAtLeast } from "../model/version.ts";
import { type CdiDevice, observeCdi } from "./cdi.ts";
import { askContext } from "./client-settings.ts";
import { askToolkit } from "./container-toolkit.ts";
import { type FoundDevice, observeDevices } from "./devices.ts";
import { type EngineDisks, observeDisks } from "./disks.ts";
import { askEngine, type EngineInfo, type NoEngine } from "./docker-engine.ts";
import { findEngineProcess } from "./engine-process.ts";
import { type GpuHook, observeGpuHook } from "./gpu-hook.ts";
import { type GpuNuma, observeGpuNuma } from "./gpu-numa.ts";
import { observeGpusOfOthers } from "./gpus-of-others.ts";
import { observeIdMaps } from "./id-maps.ts";
import { localNodes, onlineCpus, reservedHugePages } from "./memory-nodes.ts";
import { askGpus, type Gpu, type NoGpus } from "./nvidia-smi.ts";
import { observeUlimits } from "./ulimits.ts";

/** The state of the Docker Engine and its host. Observing changes nothing. */
export interface HostObservation {
  readonly engine: EngineInfo | NoEngine;
  /** DOCKER_HOST. */
  readonly address: string | undefined;
  /** Folder of the certificates with which the docker client verifies the engine; undefined without TLS verification. */
  readonly certs?: string | undefined;
  /** The docker client's context; undefined where DOCKER_HOST names the engine. */
  readonly context?: string | undefined;
  /** Whether the engine is on another computer, which only the engine itself can report on: all fields below are undefined then. */
  readonly isRemote: boolean;
  /** The disks of the engine's images and volumes. */
  readonly disks?: EngineDisks | undefined;
  /** Which of the host's users the box's users are. */
  readonly ids?: IdMaps | undefined;
  /** The stack's devices. */
  readonly devices?: readonly FoundDevice[] | undefined;
  readonly cpu?: string | undefined;
  /** The names of the GPUs that other boxes of this engine have; undefined where the stack names its own. */
  readonly gpusOfOthers?: readonly string[] | undefined;
  /** Next to which CPUs the GPUs are; also undefined where the stack does not ask for them. */
  readonly gpuNuma?: Readonly<Record<string, GpuNuma>> | undefined;
  /** The online CPUs and memory nodes, as in `0-63`. */
  readonly onlineCpus?: string | undefined;
  readonly onlineNodes?: string | undefined;
  /** Number of reserved huge pages of the size that the stack wants; undefined where the kernel has none of that size. */
  readonly hugepages?: number | undefined;
  /** The highest limits that the engine can give to a container. */
  readonly ulimits?: Readonly<Record<Ulimit, number>> | undefined;
  /** Also undefined when the stack wants no GPUs. */
  readonly gpus?: readonly Gpu[] | NoGpus | undefined;
  /** Version of the NVIDIA Container Toolkit, `none` without it; also undefined when the stack wants no GPUs. */
  readonly toolkit?: string | "none" | undefined;
  /** Also undefined where the engine's process cannot be found. */
  readonly gpuHook?: GpuHook | undefined;
  /** The GPUs in the CDI specifications that the engine reads; undefined where `gpuHook` is. */
  readonly cdi?: readonly CdiDevice[] | undefined;
}

export async function observeHost(
  machine: Pick<Machine, "gpu" | "devices"> & Partial<Pick<Machine, "name" | "limits">>,
): Promise<HostObservation> {
  const address = process.env.DOCKER_HOST || undefined;
  const certs = process.env.DOCKER_TLS_VERIFY ? process.env.DOCKER_CERT_PATH || "~/.docker" : undefined;
  const isRemote = isRemoteEngine(address);
  const wantsGpus = !isRemote && machine.gpu.devices !== "none";
  const [engine, context, gpus, toolkit] = await Promise.all([
    askEngine(),
    address === undefined ? askContext() : undefined,
    wantsGpus ? askGpus() : undefined,
    wantsGpus ? askToolkit().then((version) => version ?? "none") : undefined,
  ]);
  if (isRemote) return { engine, address, certs, isRemote };
  const seen = { address, certs, context, isRemote, cpu: cpus()[0]?.model.trim(), gpus, toolkit };
  if ("problem" in engine) return { ...seen, engine };
  const { cpuset, cpusetMems, hugepages } = machine.limits ?? {};
  const isAddressKnown = (context ?? "default") === "default"; // only the docker client knows another context's address
  const { gpuHook, cdi } = (wantsGpus && isAddressKnown && (await observeGpuSupport(address, engine))) || {};
  return {
    ...seen,
    engine: listCdiDevices(engine, cdi),
    gpuHook,
    cdi,
    gpusOfOthers: machine.gpu.choice && (await observeGpusOfOthers(machine.name ?? "")),
    gpuNuma: wantsGpus && (cpuset === "gpu" || cpusetMems === "gpu") ? await observeGpuNuma() : undefined,
    onlineCpus: onlineCpus(),
    onlineNodes: localNodes(),
    hugepages: hugepages && reservedHugePages(hugepages),
    disks: await observeDisks(engine),
    devices: await observeDevices(machine.devices),
    ids: observeIdMaps(engine),
    ulimits: observeUlimits(isRootless(engine)),
  };
}

async function observeGpuSupport(address: string | undefined, { ServerVersion, CDISpecDirs }: EngineInfo) {
  const engine = findEngineProcess(address);
  if (engine === undefined) return undefined;
  const [gpuHook, cdi] = await Promise.all([observeGpuHook(engine, ServerVersion), observeCdi(CDISpecDirs ?? [])]);
  return { gpuHook, cdi };
}

/**
 * Adds the CDI devices to an engine's information where a docker client before 28.2 omits them. In an engine before 28.2 CDI is
 * experimental, so a stack must request it (`mode: cdi`).
 */
function listCdiDevices(engine: EngineInfo, cdi: readonly CdiDevice[] = []): EngineInfo {
  if (engine.DiscoveredDevices || cdi.length === 0 || !isAtLeast(engine.ServerVersion, "28.2")) return engine;
  return { ...engine, DiscoveredDevices: cdi.map(({ name }) => ({ ID: `${cdiKind}${name}` })) };
}
