import { readFileSync } from "node:fs";
import { readToolLock, type ToolLock } from "../config/tool-lock.ts";
import { declaredHash } from "../model/container-mark.ts";
import type { Machine } from "../model/machine.ts";
import { networkOptions, optionsHash } from "../model/network.ts";
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
import { withChosenGpus } from "./gpu-choice.ts";
import { type HardwarePlan, planHardware } from "./hardware-plan.ts";
import { type HookPlan, planHooks } from "./hook-plan.ts";
import { type ImagePlan, imageReference, planImage } from "./image-plan.ts";
import { type PlannedStep, planSteps } from "./step-plan.ts";
import { matchesHash, startTrigger } from "./trigger.ts";

/** How the host, the image and the box differ from the stack's configuration, and what `up` does about it. */
export interface Assessment extends HardwarePlan {
  /** With the GPUs that its choice comes to; see `withChosenGpus`. */
  readonly machine: Machine;
  readonly plan: ImagePlan;
  readonly steps: readonly PlannedStep[];
  readonly lock: ToolLock;
  readonly hooks: HookPlan;
  readonly drifts: readonly Drift[];
  /** See `startTrigger`. */
  readonly start: string;
  /** Whether the box has a container that stays, because it was created with the current configuration and is not damaged. */
  readonly keepsContainer: boolean;
  /** Whether the container is damaged in a way that only a new container fixes. */
  readonly isDamaged: boolean;
}

/** Used both by the Pulumi program and by commands that run without Pulumi. The working directory must be the project's folder. */
export function assess(declared: Machine, seen: MachineObservation, options: UpOptions): Assessment {
  const { box } = seen;
  const machine = withChosenGpus(declared, seen);
  const plan = planImage(machine, seen);
  const hardware = planHardware(machine, seen);
  const lock = readToolLock(readFileSync("tools.lock.yml", "utf8"));
  const steps = planSteps({ machine, lock, seen: box, options });
  const hooks = planHooks(machine.hooks, box);
  const ofBox = boxDrifts(machine, box, hardware.limits.changes);
  const needsHandover = ofBox.some(({ by, kind }) => by === "start" || (kind === "alarm" && options.restoreHostKey));
  const isDamaged = ofBox.some(({ by }) => by === "container");
  const isCurrent = isContainerCurrent(machine, seen, plan, hardware);
  return {
    machine,
    plan,
    ...hardware,
    lock,
    steps,
    hooks,
    start: startTrigger(box, needsHandover),
    keepsContainer: isContainerKnown(seen, plan) && isCurrent && !isDamaged,
    isDamaged,
    drifts: [
      ...imageDrifts(plan, seen.images),
      ...(machine.network.kind === "own" ? networkDrifts(seen.network, box, isNetworkChanged(machine, seen)) : []),
      ...ofBox,
      ...containerDrifts(isCurrent),
      ...stepDrifts(steps, box),
      ...hooks.drifts,
      ...hostDrifts(machine, seen),
    ],
  };
}

/** Whether the box's own network exists with other options. */
export const isNetworkChanged = (
  { network }: Pick<Machine, "network">,
  { networkOptions: options }: Pick<MachineObservation, "networkOptions">,
): boolean => optionsHash(networkOptions(network)) !== (options ?? "");

const isContainerKnown = ({ box }: MachineObservation, plan: ImagePlan): boolean =>
  box.container !== undefined && plan.isBuilt && plan.baseIdentity !== undefined;

/** Also true where the answer is not known: without a container, and while the image's name is not known yet. */
function isContainerCurrent(
  machine: Machine,
  seen: MachineObservation,
  plan: ImagePlan,
  hardware: HardwarePlan,
): boolean {
  const { container } = seen.box;
  if (container === undefined || !isContainerKnown(seen, plan) || plan.baseIdentity === undefined) return true;
  const image = imageReference(machine.name, plan, plan.baseIdentity);
  const spec = containerSpec(machine.name, { machine, ...hardware }, partNames(machine.name, image));
  return matchesHash(declaredHash(spec), container.declared ?? "");
}

function hostDrifts({ gpu }: Machine, { host, box }: MachineObservation): Drift[] {
  if (box.fingerprint === undefined || "problem" in host.engine) return [];
  return machineDrifts(box.fingerprint, { ...machineFacts(host, host.engine, gpu.devices, gpu.clocks) });
}
