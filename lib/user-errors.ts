import { RunError } from "@pulumi/pulumi";
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
