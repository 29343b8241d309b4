import type { DoctorReport, DriftReport, FleetRow } from "../documents.ts";
import { preview } from "./previews.ts";
import { findJson, type RunResult, run } from "./run.ts";

/** Checks one stack for a fleet command, by running the command for one stack, so that both report the same. */
export type StackCheck = (stack: string, seconds: number) => Promise<Omit<FleetRow, "stack" | "seconds">>;

export const checkDrift: StackCheck = async (stack, seconds) => {
  const result = await run(["bin/benchbox", "drift", stack, "--json"], { seconds });
  const report = findJson<DriftReport>(result.stdout);
  if (report === undefined) return failed(result);
  const { drifts, notChecked, dockerEngine, gpus, tools } = report;
  const parts = drifts.map(({ part, actual }) => `${part}: ${actual}`);
  const hidden = notChecked.map((what) => `not checked: ${what}`);
  const state = hidden.length > 0 ? "failed" : parts.length > 0 ? "drift" : "ok";
  return { state, summary: [...parts, ...hidden].join("; ") || "no drift", dockerEngine, gpus, tools };
};

/** The same, with a count instead of a list where several parts differ. */
export const checkList: StackCheck = async (stack, seconds) => {
  const row = await checkDrift(stack, seconds);
  const count = row.summary.split("; ").length;
  return row.state === "drift" && count > 1 ? { ...row, summary: `${count} parts differ` } : row;
};

export const checkPreview: StackCheck = async (stack, seconds) => {
  const answer = await preview(stack, seconds);
  if (answer === undefined) return timedOut;
  if ("error" in answer) return { state: "failed", summary: inOneLine(answer.error) };
  const text = planText(answer.changes);
  return { state: text === "" ? "ok" : "drift", summary: text || "no changes" };
};

export const checkDoctor: StackCheck = async (stack, seconds) => {
  const result = await run(["bin/benchbox", "doctor", stack, "--json"], { seconds });
  const report = findJson<DoctorReport>(result.stdout);
  if (report === undefined) return failed(result);
  const of = (severity: string) => report.checks.filter((check) => check.severity === severity);
  const errors = of("error").map(({ subject, found }) => `${subject}: ${found}`);
  const warnings = of("warning").map(({ subject }) => subject);
  if (errors.length > 0) return { state: "failed", summary: errors.join("; ") };
  return {
    state: "ok",
    summary: warnings.length > 0 ? `can run; warnings: ${warnings.join(", ")}` : "all checks passed",
  };
};

/** `1 to create, 2 to replace`; empty when nothing changes. */
export function planText(changes: Readonly<Record<string, number>>): string {
  const done = ["create", "update", "replace", "delete"].filter((op) => (changes[op] ?? 0) > 0);
  return done.map((op) => `${changes[op]} to ${op}`).join(", ");
}

const timedOut = { state: "failed", summary: "did not answer in time" } as const;

function failed({ code, stdout, stderr }: RunResult): { state: "failed"; summary: string } {
  if (code < 0) return timedOut;
  return { state: "failed", summary: inOneLine(stderr.trim() || stdout.trim()) || `exited with code ${code}` };
}

/** The first lines of a command's output as one line, without its prefixes. */
function inOneLine(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^benchbox: |^error: /, "").trim());
  return lines.filter(Boolean).slice(0, 3).join(" ");
}

/** Why an `up` failed, in one line: the last error of benchbox or, without one, of the Pulumi engine. */
export function failureReason(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const reason =
    lines.findLast((line) => line.startsWith("benchbox: ")) ??
    lines.findLast((line) => /^error: (?!(update|preview) failed)/.test(line)) ??
    "failed";
  return shortened(reason.replace(/^(benchbox|error): /, ""));
}

const shortened = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)} ...` : text);
