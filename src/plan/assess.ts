import { readFileSync } from "node:fs";
import { readToolLock, type ToolLock } from "../config/tool-lock.ts";
import { declaredHash } from "../model/container-mark.ts";
import type { Machine } from "../model/machine.ts";
import type { UpOptions } from "../model/up-options.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { containerSpec, partNames } from "./container-spec.ts";
import {
  boxDrifts,
  containerDrifts,
  type Drift,
  imageDrifts,
  machineDrifts,
  networkDrifts,
  stepDrifts,
} from "./drift.ts";
import { machineFacts } from "./fingerprint.ts";
import { type HardwarePlan, planHardware } from "./hardware-plan.ts";
import { type ImagePlan, imageReference, planImage } from "./image-plan.ts";
import { type PlannedStep, planSteps } from "./step-plan.ts";
import { isMadeAs, startTrigger } from "./trigger.ts";

/** What follows from what there is for that which is declared. */
export interface Assessment extends HardwarePlan {
  readonly plan: ImagePlan;
  readonly steps: readonly PlannedStep[];
  readonly lock: ToolLock;
  readonly drifts: readonly Drift[];
  /** See `startTrigger`. */
  readonly start: string;
  /** Whether the container lacks what only a new one would have. */
  readonly isDamaged: boolean;
}

/** The same for the program and for commands that do without Pulumi. The project's folder must be the current one. */
export function assess(machine: Machine, seen: MachineObservation, asked: UpOptions): Assessment {
  const { box } = seen;
  const plan = planImage(machine, seen);
  const hardware = planHardware(machine, seen);
  const lock = readToolLock(readFileSync("tools.lock.yml", "utf8"));
  const steps = planSteps({ machine, lock, seen: box, asked });
  const ofBox = boxDrifts(machine, box, hardware.limits.changes);
  const isGivenAgain = ofBox.some(({ by, kind }) => by === "start" || (kind === "alarm" && asked.restoreHostKey));
  return {
    plan,
    ...hardware,
    lock,
    steps,
    start: startTrigger(box, isGivenAgain),
    isDamaged: ofBox.some(({ by }) => by === "container"),
    drifts: [
      ...imageDrifts(plan, seen.images),
      ...networkDrifts(seen.network, box),
      ...ofBox,
      ...containerDrifts(isMade(machine, seen, plan, hardware)),
      ...stepDrifts(steps, box),
      ...driftsOfMachine(machine, seen),
    ],
  };
}

/** True as well where it cannot be told: without a container, and while the image's name is still to be found. */
function isMade(machine: Machine, { box }: MachineObservation, plan: ImagePlan, hardware: HardwarePlan): boolean {
  if (box.container === undefined || !plan.isBuilt || plan.baseIdentity === undefined) return true;
  const image = imageReference(machine.name, plan, plan.baseIdentity);
  const spec = containerSpec(machine.name, { machine, ...hardware }, partNames(machine.name, image));
  return isMadeAs(declaredHash(spec), box.container.declared ?? "");
}

function driftsOfMachine({ gpu }: Machine, { host, box }: MachineObservation): Drift[] {
  if (box.fingerprint === undefined || "problem" in host.engine) return [];
  return machineDrifts(box.fingerprint, { ...machineFacts(host, host.engine, gpu.devices, gpu.clocks) });
}
