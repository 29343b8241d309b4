import { cpus } from "node:os";
import type { Machine } from "../config/machine.ts";
import { isRemoteEngine } from "../lib/engine-address.ts";
import { isRootless } from "../lib/engine-traits.ts";
import type { IdMaps } from "../lib/id-map.ts";
import type { Ulimit } from "../lib/ulimits.ts";
import { type EngineDisks, observeDisks } from "./disks.ts";
import { askContext, askEngine, type EngineInfo, type NoEngine } from "./engine.ts";
import { askGpus, type Gpu, type NoGpus } from "./gpu.ts";
import { observeIdMaps } from "./id-maps.ts";
import { observeUlimits } from "./limits.ts";
import { askToolkit } from "./toolkit.ts";

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
}

export async function observeHost(machine: Pick<Machine, "gpu">): Promise<HostObservation> {
  const address = process.env.DOCKER_HOST || undefined;
  const certs = process.env.DOCKER_TLS_VERIFY ? process.env.DOCKER_CERT_PATH || "~/.docker" : undefined;
  const isRemote = isRemoteEngine(address);
  const asksGpus = !isRemote && machine.gpu.devices !== "none";
  const [engine, context, gpus, toolkit] = await Promise.all([
    askEngine(),
    address === undefined ? askContext() : undefined,
    asksGpus ? askGpus() : undefined,
    asksGpus ? askToolkit().then((version) => version ?? "none") : undefined,
  ]);
  if (isRemote) return { engine, address, certs, isRemote };
  const seen = { engine, address, certs, context, isRemote, cpu: cpus()[0]?.model.trim(), gpus, toolkit };
  if ("problem" in engine) return seen;
  const [disks, ids] = [await observeDisks(engine), observeIdMaps(engine)];
  return { ...seen, disks, ids, ulimits: observeUlimits(isRootless(engine)) };
}
