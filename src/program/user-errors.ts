import * as pulumi from "@pulumi/pulumi";
import { tableOf } from "../checks/result-table.ts";
import { type CheckResult, isError, isWarning } from "../model/check-result.ts";
import type { Notice } from "../model/machine.ts";
import { ConfigurationError } from "../model/problem.ts";

/** Runs `work`, and reports errors in the user's configuration without a stack trace. */
export function withUserErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigurationError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/**
 * Prints warnings, in the preview only: an `up` includes a preview, and once is enough.
 *
 * @throws pulumi.RunError with all errors and warnings when a check found an error
 */
export async function refuseOrWarn(results: readonly CheckResult[]): Promise<void> {
  const table = tableOf(
    results.filter((one) => isError(one) || isWarning(one)),
    "",
  );
  if (results.some(isError)) {
    throw new pulumi.RunError(["This host cannot run the stack; nothing was changed.", ...table].join("\n  "));
  }
  if (table.length > 0 && pulumi.runtime.isDryRun()) {
    await pulumi.log.warn(["Warnings about this host:", ...table].join("\n  "));
  }
}

/** Prints notices in the preview and in the update, beside the plan. */
export function reportNotices(notices: readonly Notice[]): void {
  for (const { severity, text } of notices) pulumi.log[severity === "info" ? "info" : "warn"](text);
}

/** Prints warnings, in the preview only: an `up` includes a preview, and once is enough. */
export async function reportWarnings(warnings: readonly string[]): Promise<void> {
  if (pulumi.runtime.isDryRun()) await Promise.all(warnings.map((warning) => pulumi.log.warn(warning)));
}
