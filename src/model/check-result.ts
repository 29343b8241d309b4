/** What a check says: that something is wrong, that it is well, or that it cannot be seen from here. */
export type CheckResult = Finding | Passed | NotVisible;

export interface Finding {
  /** An error keeps the stack from running here; a warning does not, and is worth knowing. */
  readonly severity: "error" | "warning";
  /** What was looked at, for example `NVIDIA driver`. */
  readonly subject: string;
  readonly found: string;
  readonly needed: string;
  /** What mends it: a command, or a line to change. */
  readonly remedy: string;
}

export interface Passed {
  readonly severity: "ok";
  readonly subject: string;
  readonly found: string;
}

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
