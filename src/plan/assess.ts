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
import { type HookPlan, planHooks } from "./hook-plan.ts";
import { type ImagePlan, imageReference, planImage } from "./image-plan.ts";
import { type PlannedStep, planSteps } from "./step-plan.ts";
import { matchesHash, startTrigger } from "./trigger.ts";

/** How the host, the image and the box differ from the stack's configuration, and what `up` does about it. */
export interface Assessment extends HardwarePlan {
  readonly plan: ImagePlan;
  readonly steps: readonly PlannedStep[];
  readonly lock: ToolLock;
  readonly hooks: HookPlan;
  readonly drifts: readonly Drift[];
  /** See `startTrigger`. */
  readonly start: string;
  /** Whether the container is damaged in a way that only a new container fixes. */
  readonly isDamaged: boolean;
}

/** Used both by the Pulumi program and by commands that run without Pulumi. The working directory must be the project's folder. */
export function assess(machine: Machine, seen: MachineObservation, options: UpOptions): Assessment {
  const { box } = seen;
  const plan = planImage(machine, seen);
  const hardware = planHardware(machine, seen);
  const lock = readToolLock(readFileSync("tools.lock.yml", "utf8"));
  const steps = planSteps({ machine, lock, seen: box, options });
  const hooks = planHooks(machine.hooks, box);
  const ofBox = boxDrifts(machine, box, hardware.limits.changes);
  const needsHandover = ofBox.some(({ by, kind }) => by === "start" || (kind === "alarm" && options.restoreHostKey));
  return {
    plan,
    ...hardware,
    lock,
    steps,
    hooks,
    start: startTrigger(box, needsHandover),
    isDamaged: ofBox.some(({ by }) => by === "container"),
    drifts: [
      ...imageDrifts(plan, seen.images),
      ...networkDrifts(seen.network, box),
      ...ofBox,
      ...containerDrifts(isContainerCurrent(machine, seen, plan, hardware)),
      ...stepDrifts(steps, box),
      ...hooks.drifts,
      ...hostDrifts(machine, seen),
    ],
  };
}

/** Also true where the answer is not known: without a container, and while the image's name is not known yet. */
function isContainerCurrent(
  machine: Machine,
  { box }: MachineObservation,
  plan: ImagePlan,
  hardware: HardwarePlan,
): boolean {
  if (box.container === undefined || !plan.isBuilt || plan.baseIdentity === undefined) return true;
  const image = imageReference(machine.name, plan, plan.baseIdentity);
  const spec = containerSpec(machine.name, { machine, ...hardware }, partNames(machine.name, image));
  return matchesHash(declaredHash(spec), box.container.declared ?? "");
}

function hostDrifts({ gpu }: Machine, { host, box }: MachineObservation): Drift[] {
  if (box.fingerprint === undefined || "problem" in host.engine) return [];
  return machineDrifts(box.fingerprint, { ...machineFacts(host, host.engine, gpu.devices, gpu.clocks) });
}
