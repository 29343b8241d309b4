import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { loadMachine } from "../config/load.ts";
import type { Machine } from "../config/machine.ts";
import { boxNotices } from "../lib/box-notice.ts";
import { gpuTroubles } from "../lib/gpu-troubles.ts";
import { type HardwarePlan, planHardware } from "../lib/hardware-plan.ts";
import { startTrigger } from "../lib/trigger.ts";
import { refuseOrWarn, tell, userErrors, warn } from "../lib/user-errors.ts";
import { newAgentKeys } from "../observe/agent.ts";
import { type MachineObservation, observeMachine } from "../observe/machine.ts";
import { preflight } from "../observe/preflight/preflight.ts";
import { type ImagePlan, planImage } from "./image-plan.ts";

/** The machine that this stack's files declare. */
export function declaredMachine(directory: string): Machine {
  const stack = { project: pulumi.getProject(), stack: pulumi.getStack(), engineConfig: pulumi.runtime.allConfig() };
  const machine = userErrors(() => loadMachine({ directory, ...stack, home: homedir() }));
  tell(machine.notices);
  return machine;
}

/** What there is, and what follows from it for that which is declared. */
export interface Survey extends HardwarePlan {
  readonly seen: MachineObservation;
  readonly plan: ImagePlan;
  /** See `startTrigger`. */
  readonly start: string;
}

/** Looks at the machine, says what is worth knowing of it, and ends the program where the stack cannot run on it. */
export async function survey(machine: Machine): Promise<Survey> {
  const seen = await observeMachine(machine);
  tell(newAgentKeys(seen.box.agentKeys ?? [], seen.agentKeys));
  const plan = planImage(machine, seen);
  await refuseOrWarn(await preflight(machine, seen, plan.isBuilt));
  const { gpus, limits } = planHardware(machine, seen);
  tell(boxNotices(seen.box, limits.changes, machine.firstRun));
  await warn(gpuTroubles(seen.box));
  return { seen, plan, gpus, limits, start: startTrigger(seen.box, limits.changes) };
}
