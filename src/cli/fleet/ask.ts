import type { DoctorReport, DriftReport, FleetRow } from "../documents.ts";
import { jsonIn } from "./json-in.ts";
import { preview } from "./previews.ts";
import { type Ran, run } from "./run.ts";

/** How a fleet's command asks one stack: by the command for one stack, so that both report the same. */
export type Ask = (stack: string, seconds: number) => Promise<Omit<FleetRow, "stack" | "seconds">>;

export const askDrift: Ask = async (stack, seconds) => {
  const ran = await run(["bin/benchbox", "drift", stack, "--json"], { seconds });
  const report = jsonIn<DriftReport>(ran.stdout);
  if (report === undefined) return failed(ran);
  const { drifts, notChecked, dockerEngine, gpus, tools } = report;
  const parts = drifts.map(({ part, actual }) => `${part}: ${actual}`);
  const hidden = notChecked.map((what) => `not checked: ${what}`);
  const state = hidden.length > 0 ? "failed" : parts.length > 0 ? "drift" : "ok";
  return { state, summary: [...parts, ...hidden].join("; ") || "no drift", dockerEngine, gpus, tools };
};

/** The same, short where there is much. */
export const askList: Ask = async (stack, seconds) => {
  const row = await askDrift(stack, seconds);
  const count = row.summary.split("; ").length;
  return row.state === "drift" && count > 1 ? { ...row, summary: `${count} parts differ` } : row;
};

export const askPreview: Ask = async (stack, seconds) => {
  const answer = await preview(stack, seconds);
  if (answer === undefined) return late;
  if ("error" in answer) return { state: "failed", summary: inALine(answer.error) };
  const text = planText(answer.changes);
  return { state: text === "" ? "ok" : "drift", summary: text || "no changes" };
};

export const askDoctor: Ask = async (stack, seconds) => {
  const ran = await run(["bin/benchbox", "doctor", stack, "--json"], { seconds });
  const report = jsonIn<DoctorReport>(ran.stdout);
  if (report === undefined) return failed(ran);
  const of = (severity: string) => report.checks.filter((check) => check.severity === severity);
  const errors = of("error").map(({ subject, found }) => `${subject}: ${found}`);
  const warnings = of("warning").map(({ subject }) => subject);
  if (errors.length > 0) return { state: "failed", summary: errors.join("; ") };
  return {
    state: "ok",
    summary: warnings.length > 0 ? `can run; warnings: ${warnings.join(", ")}` : "all checks passed",
  };
};

/** `1 to create, 2 to replace`; empty for nothing. */
export function planText(changes: Readonly<Record<string, number>>): string {
  const done = ["create", "update", "replace", "delete"].filter((op) => (changes[op] ?? 0) > 0);
  return done.map((op) => `${changes[op]} to ${op}`).join(", ");
}

const late = { state: "failed", summary: "did not answer in time" } as const;

function failed({ code, stdout, stderr }: Ran): { state: "failed"; summary: string } {
  if (code < 0) return late;
  return { state: "failed", summary: inALine(stderr.trim() || stdout.trim()) || `ended with exit code ${code}` };
}

/** Why, in a line: what a command says for people, without what it says for itself. */
function inALine(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^benchbox: |^error: /, "").trim());
  return lines.filter(Boolean).slice(0, 3).join(" ");
}

/** Why an `up` failed, in a line: the last that is said of it, by ourselves or by the engine. */
export function whyIn(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const told =
    lines.findLast((line) => line.startsWith("benchbox: ")) ??
    lines.findLast((line) => /^error: (?!(update|preview) failed)/.test(line)) ??
    "failed";
  return shortened(told.replace(/^(benchbox|error): /, ""));
}

const shortened = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)} ...` : text);
