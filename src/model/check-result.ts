/** What a check says: that something is wrong, that it is well, or that it cannot be seen from here. */
export type Verdict = Finding | Well | Unseen;

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

export interface Well {
  readonly severity: "ok";
  readonly subject: string;
  readonly found: string;
}

export interface Unseen {
  readonly severity: "unseen";
  readonly subject: string;
}

export const isError = (verdict: Verdict): verdict is Finding => verdict.severity === "error";
export const isWarning = (verdict: Verdict): verdict is Finding => verdict.severity === "warning";

export const well = (subject: string, found: string): Verdict[] => [{ severity: "ok", subject, found }];
export const error = (subject: string, found: string, needed: string, remedy: string): Verdict[] => [
  { severity: "error", subject, found, needed, remedy },
];
export const warning = (subject: string, found: string, needed: string, remedy: string): Verdict[] => [
  { severity: "warning", subject, found, needed, remedy },
];
export const unseen = (subject: string): Verdict[] => [{ severity: "unseen", subject }];
