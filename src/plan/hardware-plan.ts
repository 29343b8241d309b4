import type { Device } from "../model/device.ts";
import type { GivenGpus } from "../model/gpu.ts";
import { idList, readIds } from "../model/id-list.ts";
import type { Machine } from "../model/machine.ts";
import type { BoxObservation } from "../observe/box-observation.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { chosenGpus } from "./chosen-gpus.ts";
import { planDevices } from "./devices.ts";
import { planGpus } from "./gpu-request.ts";
import { type HostLimits, type LimitsPlan, planLimits } from "./limits.ts";
import { setsNewPrivileges } from "./new-privileges.ts";

/** The box's share of its host's hardware: see `planGpus`, `planDevices`, `planLimits` and `setsNewPrivileges`. */
export interface HardwarePlan {
  readonly gpus: GivenGpus | undefined;
  readonly devices: readonly Device[];
  /** Id of the container whose network the box uses; undefined for none, or if it does not exist. */
  readonly joined: string | undefined;
  readonly limits: LimitsPlan;
  readonly setsNewPrivileges: boolean;
}

/** What of an observation decides about it. */
export type HardwareObservation = Pick<MachineObservation, "host" | "box"> &
  Partial<Pick<MachineObservation, "joined">>;

export function planHardware(machine: Machine, { host, box, joined }: HardwareObservation): HardwarePlan {
  const engine = "problem" in host.engine ? undefined : host.engine;
  const gpus = planGpus(machine.gpu, engine, box.hasStarted ? box.gpus : undefined);
  const { ulimits, onlineCpus, onlineNodes, hugepages, isRemote } = host;
  const offer = { ...engine, ulimits, onlineCpus, onlineNodes, hugepages, isRemote, nearGpus: nearGpus(machine, host) };
  return {
    gpus,
    joined: joined?.Id,
    devices: planDevices(machine.devices, host.devices, devicesInUse(box)),
    limits: planLimits(machine.limits, offer, box, gpus !== undefined),
    setsNewPrivileges: setsNewPrivileges(box),
  };
}

/** The device files of a box that is up. */
export const devicesInUse = ({ state, devices }: BoxObservation): readonly string[] =>
  state === "stopped" || state === "absent" ? [] : (devices ?? []);

/** The CPUs and memory nodes next to the GPUs that the stack requests; undefined where they are not known. */
function nearGpus(
  { gpu }: Pick<Machine, "gpu">,
  { gpus, gpuNuma }: MachineObservation["host"],
): HostLimits["nearGpus"] {
  if (gpuNuma === undefined || gpus === undefined || "problem" in gpus) return undefined;
  const near = chosenGpus(gpu.devices, gpus).map(({ uuid }) => gpuNuma[uuid]);
  if (near.length === 0 || near.includes(undefined)) return undefined;
  const union = (lists: (string | undefined)[]): string => idList(lists.flatMap((list) => readIds(list ?? "") ?? []));
  return { cpus: union(near.map((one) => one?.cpus)), nodes: union(near.map((one) => one?.node)) };
}
