import * as pulumi from "@pulumi/pulumi";
import { tableOf } from "../checks/result-table.ts";
import { type CheckResult, isError, isWarning } from "../model/check-result.ts";
import type { Notice } from "../model/machine.ts";
import { ConfigurationError } from "../model/problem.ts";

/** Runs `work` so that a mistake of the user's is shown without a stack trace, which would tell them nothing. */
export function userErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigurationError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/**
 * Ends the program when a check found an error, with all that was found; says warnings, in the preview only: an `up` has
 * one before it, and once is enough.
 */
export async function refuseOrWarn(results: readonly CheckResult[]): Promise<void> {
  const table = tableOf(
    results.filter((one) => isError(one) || isWarning(one)),
    "",
  );
  if (results.some(isError)) {
    throw new pulumi.RunError(["This machine cannot run the stack; nothing was changed.", ...table].join("\n  "));
  }
  if (table.length > 0 && pulumi.runtime.isDryRun()) {
    await pulumi.log.warn(["Worth knowing of this machine:", ...table].join("\n  "));
  }
}

/** Says what each run says, beside the plan and not in it. */
export function tell(notices: readonly Notice[]): void {
  for (const { severity, text } of notices) pulumi.log[severity === "info" ? "info" : "warn"](text);
}

/** Says what is worth knowing, in the preview only: an `up` has one before it, and once is enough. */
export async function warn(sentences: readonly string[]): Promise<void> {
  if (pulumi.runtime.isDryRun()) await Promise.all(sentences.map((sentence) => pulumi.log.warn(sentence)));
}
