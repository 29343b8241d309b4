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
import { observedMachine, observeOnce } from "./early-observation.ts";
import { refuseOrWarn, reportNotices, reportWarnings, withUserErrors } from "./user-errors.ts";

/** This stack's configuration. */
export function declaredMachine(directory: string): Machine {
  const stack = { project: pulumi.getProject(), stack: pulumi.getStack(), engineConfig: pulumi.runtime.allConfig() };
  const options = { directory, ...stack, home: homedir() };
  const machine = observedMachine(options) ?? withUserErrors(() => loadMachine(options));
  reportNotices(machine.notices);
  return machine;
}

export interface Survey extends Assessment {
  readonly seen: MachineObservation;
}

/**
 * Observes the stack, assesses it, and reports warnings and drift.
 *
 * @throws pulumi.RunError where the host cannot run the stack, or the box has a foreign SSH host key
 */
export async function survey(machine: Machine): Promise<Survey> {
  const options = readUpOptions(process.env);
  const seen = await observeOnce(machine).catch((error: unknown) => {
    throw error instanceof NoAnswerError ? new pulumi.RunError(error.message) : error;
  });
  reportNotices(newAgentKeys(seen.box.agentKeys ?? [], seen.agentKeys));
  const found = assess(machine, seen, options);
  await refuseOrWarn(await preflight(machine, seen, found.plan.isBuilt));
  if (!options.restoreHostKey) refuseAlarms(found.drifts);
  reportNotices((seen.box.notChecked ?? []).map((what) => ({ severity: "warning", text: `not checked: ${what}` })));
  reportNotices(driftNotices(found.drifts));
  await reportWarnings(gpuTroubles(seen.box));
  return { seen, ...found };
}

function refuseAlarms(drifts: readonly Drift[]): void {
  if (!drifts.some(({ kind }) => kind === "alarm")) return;
  const stack = pulumi.getStack();
  throw new pulumi.RunError(
    [
      "ALARM: the box presents another SSH host key than the stack's; nothing was changed.",
      "Somebody with root access to the box or to the Docker Engine replaced it, and can impersonate the box with the new key.",
      "Fix: find out who and why (docker diff, docker logs). Then restore the stack's key:",
      `  npm run up -- ${stack} --restore-host-key`,
      `or create new keys: npm run rotate-keys -- ${stack}`,
    ].join("\n  "),
  );
}
