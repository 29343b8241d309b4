import type { Step } from "./progress.ts";
import { sentenceOf } from "./setup-error.ts";

/** What looking for a part gave. */
export interface Look {
  readonly there: boolean;
  /** What was found, in few words: `3.259.0`, `nothing`, `not running`. */
  readonly found: string;
  /** Where it is. */
  readonly where?: string;
  /** How a missing part would be got. */
  readonly plan?: string;
}

/** One thing that has to be on the machine. */
export interface Part {
  readonly name: string;
  /** What is looked for, in few words. */
  readonly wanted: string;
  /** Without it the set-up is still a success; the text says what cannot be done then. */
  readonly optional?: string;
  /** Looks, and changes nothing. */
  look(): Promise<Look>;
  /** Gets it; returns what was done, in few words. */
  get(step: Step): Promise<string>;
}

export interface Outcome {
  readonly part: Part;
  readonly look: Look;
  /** `ready`: was there; `done`: was got; `missing`: looked only; `failed`: could not be got. */
  readonly state: "ready" | "done" | "missing" | "failed";
  readonly done: string;
  readonly problem?: unknown;
}

/** Looks at every part at once. */
export function checkAll(parts: readonly Part[]): Promise<Look[]> {
  return Promise.all(parts.map((part) => part.look()));
}

export function outcomeOfCheck(part: Part, look: Look): Outcome {
  return { part, look, state: look.there ? "ready" : "missing", done: look.there ? "" : (look.plan ?? "") };
}

/** Gets one part and looks again: only what is there afterwards counts. */
export async function getPart(part: Part, before: Look, step: Step): Promise<Outcome> {
  // What was got for an earlier part may have brought this one.
  const now = await part.look();
  if (now.there) return { part, look: now, state: "ready", done: "" };
  try {
    const done = await part.get(step);
    const after = await part.look();
    if (after.there) return { part, look: after, state: "done", done };
    throw new Error(`${done}, and looking again still finds: ${after.found}`);
  } catch (problem) {
    return { part, look: before, state: "failed", done: sentenceOf(problem), problem };
  }
}

/** 0 when nothing that is needed is missing. */
export function exitCodeOf(outcomes: readonly Outcome[]): 0 | 1 {
  return outcomes.every(({ part, state }) => state === "ready" || state === "done" || part.optional) ? 0 : 1;
}
