/** The result of a check: a problem, a pass, or a subject that is not visible from this host. */
export type CheckResult = Finding | Passed | NotVisible;

/** A problem with its fix. */
export interface Finding {
  /** An error prevents the stack from running on this host; a warning does not. */
  readonly severity: "error" | "warning";
  /** The checked part, for example `NVIDIA driver`. */
  readonly subject: string;
  readonly found: string;
  /** The requirement. */
  readonly needed: string;
  /** The fix: a command, or a line to change. */
  readonly remedy: string;
}

/** A check that found no problem. */
export interface Passed {
  readonly severity: "ok";
  readonly subject: string;
  readonly found: string;
}

/** A check of something that is not visible from this host, for example with a remote Docker Engine. */
export interface NotVisible {
  readonly severity: "unseen";
  readonly subject: string;
}

export const isError = (result: CheckResult): result is Finding => result.severity === "error";
export const isWarning = (result: CheckResult): result is Finding => result.severity === "warning";

export const passed = (subject: string, found: string): CheckResult[] => [{ severity: "ok", subject, found }];
export const error = (subject: string, found: string, needed: string, remedy: string): CheckResult[] => [
  { severity: "error", subject, found, needed, remedy },
];
export const warning = (subject: string, found: string, needed: string, remedy: string): CheckResult[] => [
  { severity: "warning", subject, found, needed, remedy },
];
export const notVisible = (subject: string): CheckResult[] => [{ severity: "unseen", subject }];
