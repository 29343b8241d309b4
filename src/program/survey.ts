import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { preflight } from "../checks/preflight.ts";
import { loadMachine } from "../config/load.ts";
import type { Machine } from "../model/machine.ts";
import { readUpOptions } from "../model/up-options.ts";
import { newAgentKeys } from "../observe/agent.ts";
import { NoAnswerError } from "../observe/docker.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { type Assessment, assess } from "../plan/assess.ts";
import { type Drift, driftNotices } from "../plan/drift.ts";
import { gpuTroubles } from "../plan/gpu-troubles.ts";
import { lookAt, observedMachine } from "./early-observation.ts";
import { refuseOrWarn, tell, userErrors, warn } from "./user-errors.ts";

/** The machine that this stack's files declare. */
export function declaredMachine(directory: string): Machine {
  const stack = { project: pulumi.getProject(), stack: pulumi.getStack(), engineConfig: pulumi.runtime.allConfig() };
  const options = { directory, ...stack, home: homedir() };
  const machine = observedMachine(options) ?? userErrors(() => loadMachine(options));
  tell(machine.notices);
  return machine;
}

export interface Survey extends Assessment {
  readonly seen: MachineObservation;
}

/** Looks at the machine, says what is worth knowing of it, and ends the program where the stack cannot run on it. */
export async function survey(machine: Machine): Promise<Survey> {
  const options = readUpOptions(process.env);
  const seen = await lookAt(machine).catch((error: unknown) => {
    throw error instanceof NoAnswerError ? new pulumi.RunError(error.message) : error;
  });
  tell(newAgentKeys(seen.box.agentKeys ?? [], seen.agentKeys));
  const found = assess(machine, seen, options);
  await refuseOrWarn(await preflight(machine, seen, found.plan.isBuilt));
  if (!options.restoreHostKey) refuseAlarms(found.drifts);
  tell((seen.box.notChecked ?? []).map((what) => ({ severity: "warning", text: `Not looked at: ${what}.` })));
  tell(driftNotices(found.drifts));
  await warn(gpuTroubles(seen.box));
  return { seen, ...found };
}

function refuseAlarms(drifts: readonly Drift[]): void {
  if (!drifts.some(({ kind }) => kind === "alarm")) return;
  const stack = pulumi.getStack();
  throw new pulumi.RunError(
    [
      "ALARM: the box shows another SSH host key than the stack gave it. Nothing was changed.",
      "Somebody with root's rights in the box or on the engine put it there: whoever has that key can pose as the box.",
      "Find out who and why (docker diff, docker logs). Then give the box the stack's key again:",
      `  npm run up -- ${stack} --restore-host-key`,
      `or make new ones: npm run rotate-keys -- ${stack}`,
    ].join("\n  "),
  );
}
