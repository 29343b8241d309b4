import type { DriftReport } from "../report/drift.ts";
import type { FleetRow } from "../report/fleet.ts";
import { jsonIn } from "./json-in.ts";
import { preview } from "./previews.ts";
import { type Ran, run } from "./run.ts";

/** What each command asks one stack: the commands for one machine, so that a fleet says nothing else than they. */
export type Ask = (stack: string, seconds: number) => Promise<Omit<FleetRow, "stack" | "seconds">>;

export const askDrift: Ask = async (stack, seconds) => {
  const ran = await run(["src/cli/drift", stack, "--json"], { seconds });
  const report = jsonIn<DriftReport>(ran.stdout);
  if (report === undefined) return failed(ran);
  const { drifts, notLookedAt, engine, gpus, tools } = report;
  const parts = drifts.map(({ part, found }) => `${part}: ${found}`);
  const hidden = notLookedAt.map((what) => `not looked at: ${what}`);
  const state = hidden.length > 0 ? "failed" : parts.length > 0 ? "differs" : "well";
  return { state, says: [...parts, ...hidden].join("; ") || "as declared", engine, gpus, tools };
};

/** The same, short where there is much. */
export const askList: Ask = async (stack, seconds) => {
  const row = await askDrift(stack, seconds);
  const count = row.says.split("; ").length;
  return row.state === "differs" && count > 1 ? { ...row, says: `${count} parts are not as declared` } : row;
};

export const askPreview: Ask = async (stack, seconds) => {
  const answer = await preview(stack, seconds);
  if (answer === undefined) return late;
  if ("error" in answer) return { state: "failed", says: inALine(answer.error) };
  const text = planText(answer.changes);
  return { state: text === "" ? "well" : "differs", says: text || "nothing to do" };
};

export const askDoctor: Ask = async (stack, seconds) => {
  const ran = await run(["src/cli/doctor", stack], { seconds });
  if (ran.code < 0) return failed(ran);
  const lines = ran.stdout.trim().split("\n");
  const errors = lines.filter((line) => line.startsWith("x ")).map((line) => line.slice(2).replace(/ {2,}/g, ": "));
  if (ran.code === 0) return { state: "well", says: lines.at(-1) ?? "" };
  return errors.length > 0 ? { state: "failed", says: errors.join("; ") } : failed(ran);
};

/** `1 to create, 2 to replace`; empty for nothing. */
export function planText(changes: Readonly<Record<string, number>>): string {
  const done = ["create", "update", "replace", "delete"].filter((op) => (changes[op] ?? 0) > 0);
  return done.map((op) => `${changes[op]} to ${op}`).join(", ");
}

const late = { state: "failed", says: "did not answer in time" } as const;

function failed({ code, stdout, stderr }: Ran): { state: "failed"; says: string } {
  if (code < 0) return late;
  return { state: "failed", says: inALine(stderr.trim() || stdout.trim()) || `ended with exit code ${code}` };
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
