import { cpus } from "node:os";
import { isRemoteEngine } from "../model/engine-address.ts";
import { isRootless } from "../model/engine-traits.ts";
import { cdiKind } from "../model/gpu.ts";
import type { IdMaps } from "../model/id-map.ts";
import type { Machine, Ulimit } from "../model/machine.ts";
import { isAtLeast } from "../model/version.ts";
import { type CdiDevice, observeCdi } from "./cdi.ts";
import { askToolkit } from "./container-toolkit.ts";
import { type EngineDisks, observeDisks } from "./disks.ts";
import { askContext, askEngine, type EngineInfo, type NoEngine } from "./docker-engine.ts";
import { findEngineProcess } from "./engine-process.ts";
import { type GpuHook, observeGpuHook } from "./gpu-hook.ts";
import { observeIdMaps } from "./id-maps.ts";
import { askGpus, type Gpu, type NoGpus } from "./nvidia-smi.ts";
import { observeUlimits } from "./ulimits.ts";

/** What the engine and its machine say of themselves. Looking changes nothing. */
export interface HostObservation {
  readonly engine: EngineInfo | NoEngine;
  /** DOCKER_HOST. */
  readonly address: string | undefined;
  /** Folder of the certificates with which the docker client verifies the engine; undefined where it does not. */
  readonly certs?: string | undefined;
  /** The docker client's context, where DOCKER_HOST does not say which engine is meant. */
  readonly context?: string | undefined;
  /** Whether the engine is another machine's, of which only the engine can tell. All below is undefined then. */
  readonly isRemote: boolean;
  /** Where the engine keeps images and volumes. */
  readonly disks?: EngineDisks | undefined;
  /** Which users of the machine the box's are. */
  readonly ids?: IdMaps | undefined;
  readonly cpu?: string | undefined;
  /** What the engine can set as a container's limits. */
  readonly ulimits?: Readonly<Record<Ulimit, number>> | undefined;
  /** Undefined, too, when the stack wants none. */
  readonly gpus?: readonly Gpu[] | NoGpus | undefined;
  /** Likewise. `none`: there is no NVIDIA Container Toolkit. */
  readonly toolkit?: string | "none" | undefined;
  /** Undefined, too, where the engine's process cannot be found. */
  readonly gpuHook?: GpuHook | undefined;
  /** The GPUs of the CDI specifications that the engine reads; undefined where `gpuHook` is. */
  readonly cdi?: readonly CdiDevice[] | undefined;
}

export async function observeHost(machine: Pick<Machine, "gpu">): Promise<HostObservation> {
  const address = process.env.DOCKER_HOST || undefined;
  const certs = process.env.DOCKER_TLS_VERIFY ? process.env.DOCKER_CERT_PATH || "~/.docker" : undefined;
  const isRemote = isRemoteEngine(address);
  const asksGpus = !isRemote && machine.gpu.devices !== "none";
  const [asked, context, gpus, toolkit] = await Promise.all([
    askEngine(),
    address === undefined ? askContext() : undefined,
    asksGpus ? askGpus() : undefined,
    asksGpus ? askToolkit().then((version) => version ?? "none") : undefined,
  ]);
  if (isRemote) return { engine: asked, address, certs, isRemote };
  const seen = { address, certs, context, isRemote, cpu: cpus()[0]?.model.trim(), gpus, toolkit };
  if ("problem" in asked) return { ...seen, engine: asked };
  const isOurs = asksGpus && (context ?? "default") === "default"; // another context's address is not known here
  const { gpuHook, cdi } = (isOurs && (await observeGpuWays(address, asked))) || {};
  return {
    ...seen,
    engine: listCdiDevices(asked, cdi),
    gpuHook,
    cdi,
    disks: await observeDisks(asked),
    ids: observeIdMaps(asked),
    ulimits: observeUlimits(isRootless(asked)),
  };
}

async function observeGpuWays(address: string | undefined, { ServerVersion, CDISpecDirs }: EngineInfo) {
  const engine = await findEngineProcess(address);
  if (engine === undefined) return undefined;
  const [gpuHook, cdi] = await Promise.all([observeGpuHook(engine, ServerVersion), observeCdi(CDISpecDirs ?? [])]);
  return { gpuHook, cdi };
}

/**
 * The engine with the CDI devices that it can give, where a docker client before 28.2 does not pass its list on. An engine
 * before 28.2 has CDI as an experiment, which a stack must name (`mode: cdi`).
 */
function listCdiDevices(engine: EngineInfo, cdi: readonly CdiDevice[] = []): EngineInfo {
  if (engine.DiscoveredDevices || cdi.length === 0 || !isAtLeast(engine.ServerVersion, "28.2")) return engine;
  return { ...engine, DiscoveredDevices: cdi.map(({ name }) => ({ ID: `${cdiKind}${name}` })) };
}
