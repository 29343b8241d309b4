import { log, RunError } from "@pulumi/pulumi";
import type { Notice } from "../config/machine.ts";
import { ConfigurationError } from "../config/problem.ts";

/** Runs `work` so that a mistake of the user's is shown without a stack trace, which would tell them nothing. */
export function userErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigurationError) throw new RunError(error.message);
    throw error;
  }
}

/** Ends the program when there is a reason to, with all of them. */
export function refuse(sentence: string, reasons: readonly string[]): void {
  if (reasons.length > 0) throw new RunError([sentence, ...reasons].join("\n  - "));
}

/** Says what each run says, beside the plan and not in it. */
export function tell(notices: readonly Notice[]): void {
  for (const { severity, text } of notices) log[severity === "info" ? "info" : "warn"](text);
}
