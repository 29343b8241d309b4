import type { Device } from "../model/device.ts";
import type { GivenGpus } from "../model/gpu.ts";
import type { Machine } from "../model/machine.ts";
import type { BoxObservation } from "../observe/box-observation.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { planDevices } from "./devices.ts";
import { planGpus } from "./gpu-request.ts";
import { type LimitsPlan, planLimits } from "./limits.ts";
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
  const offer = { ...engine, ulimits: host.ulimits };
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
