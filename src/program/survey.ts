import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { preflight } from "../checks/preflight.ts";
import { tableOf } from "../checks/result-table.ts";
import { loadMachine } from "../config/load.ts";
import { type CheckResult, isError, isWarning } from "../model/check-result.ts";
import type { Machine, Notice } from "../model/machine.ts";
import { ConfigurationError } from "../model/problem.ts";
import { readUpOptions } from "../model/up-options.ts";
import { newAgentKeys } from "../observe/agent.ts";
import { NoAnswerError } from "../observe/docker.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { type Assessment, assess } from "../plan/assess.ts";
import { type Drift, driftNotices } from "../plan/drift.ts";
import { gpuTroubles } from "../plan/gpu-troubles.ts";
import { observedMachine, observeOnce } from "./early-observation.ts";

/** This stack's configuration. @throws pulumi.RunError where it has errors */
export function declaredMachine(directory: string): Machine {
  const stack = { project: pulumi.getProject(), stack: pulumi.getStack(), engineConfig: pulumi.runtime.allConfig() };
  const options = { directory, ...stack, home: homedir() };
  try {
    const machine = observedMachine(options) ?? loadMachine(options);
    reportNotices(machine.notices);
    return machine;
  } catch (error) {
    throw error instanceof ConfigurationError ? new pulumi.RunError(error.message) : error;
  }
}

interface Survey extends Assessment {
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
  await Promise.all(gpuTroubles(seen.box).map(warnInPreview));
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

/** @throws pulumi.RunError with all errors and warnings when a check found an error */
async function refuseOrWarn(results: readonly CheckResult[]): Promise<void> {
  const table = tableOf(
    results.filter((one) => isError(one) || isWarning(one)),
    "",
  );
  if (results.some(isError)) {
    throw new pulumi.RunError(["This host cannot run the stack; nothing was changed.", ...table].join("\n  "));
  }
  if (table.length > 0) await warnInPreview(["Warnings about this host:", ...table].join("\n  "));
}

/** An `up` includes a preview, and once is enough. */
async function warnInPreview(warning: string): Promise<void> {
  if (pulumi.runtime.isDryRun()) await pulumi.log.warn(warning);
}

/** Prints notices in the preview and in the update, beside the plan. */
function reportNotices(notices: readonly Notice[]): void {
  for (const { severity, text } of notices) pulumi.log[severity === "info" ? "info" : "warn"](text);
}
