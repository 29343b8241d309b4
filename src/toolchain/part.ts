import type { Step } from "./progress.ts";
import { messageOf } from "./setup-error.ts";

/** The result of inspecting a part. */
export interface Inspection {
  readonly isPresent: boolean;
  /** What was found, in a few words: `3.259.0`, `nothing`, `not running`. */
  readonly found: string;
  /** The path of the part, or the host that it is on. */
  readonly where?: string;
  /** What set-up does to install a missing part, or what the user has to do. */
  readonly plan?: string;
}

/** A program, or a set of packages, that set-up installs. */
export interface Part {
  readonly name: string;
  /** The required version or programs, in a few words. */
  readonly wanted: string;
  /** Set if set-up succeeds without the part: a sentence about what does not work then. */
  readonly optional?: string;
  /** Changes nothing. */
  inspect(): Promise<Inspection>;
  /** @returns what was done, in a few words */
  install(step: Step): Promise<string>;
}

export interface Outcome {
  readonly part: Part;
  readonly inspection: Inspection;
  /** `ready`: already present; `done`: installed now; `missing`: only inspected, so not installed; `failed`: could not be installed. */
  readonly state: "ready" | "done" | "missing" | "failed";
  /** For `done`, what was done; for `missing`, the plan; for `failed`, the message. */
  readonly done: string;
  readonly problem?: unknown;
}

/** Inspects all parts concurrently. */
export function inspectAll(parts: readonly Part[]): Promise<Inspection[]> {
  return Promise.all(parts.map((part) => part.inspect()));
}

export function outcomeOfInspection(part: Part, inspection: Inspection): Outcome {
  const { isPresent, plan } = inspection;
  return { part, inspection, state: isPresent ? "ready" : "missing", done: isPresent ? "" : (plan ?? "") };
}

/** Installs a part and inspects it again, since only what is found afterwards counts. */
export async function installPart(part: Part, before: Inspection, step: Step): Promise<Outcome> {
  // The installation of an earlier part may have included this one.
  const now = await part.inspect();
  if (now.isPresent) return { part, inspection: now, state: "ready", done: "" };
  try {
    const done = await part.install(step);
    const after = await part.inspect();
    if (after.isPresent) return { part, inspection: after, state: "done", done };
    throw new Error(`${done}, but the part is still missing: found ${after.found}`);
  } catch (problem) {
    return { part, inspection: before, state: "failed", done: messageOf(problem), problem };
  }
}

/** What `setup --check --json` prints. `src/cli/documents.ts` describes its keys. */
export interface SetupReport {
  readonly version: 1;
  readonly isComplete: boolean;
  readonly parts: readonly PartReport[];
}

export interface PartReport {
  readonly part: string;
  readonly state: "ok" | "missing";
  readonly required: boolean;
  readonly needed: string;
  readonly found: string;
  readonly where?: string | undefined;
  readonly plannedAction?: string | undefined;
}

export function reportOf(parts: readonly Part[], inspections: readonly Inspection[]): SetupReport {
  const reports = parts.map(({ name, wanted, optional }, index): PartReport => {
    const { isPresent, found, where, plan } = inspections[index] as Inspection;
    const both = { part: name, required: !optional, needed: wanted, found };
    return isPresent ? { ...both, state: "ok", where } : { ...both, state: "missing", plannedAction: plan };
  });
  return {
    version: 1,
    isComplete: reports.every(({ state, required }) => state === "ok" || !required),
    parts: reports,
  };
}

/** 0 if no required part is missing. */
export function exitCodeOf(outcomes: readonly Outcome[]): 0 | 1 {
  return outcomes.every(({ part, state }) => state === "ready" || state === "done" || part.optional) ? 0 : 1;
}
