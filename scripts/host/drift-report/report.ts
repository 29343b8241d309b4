import { type Drift, notLookedAt } from "../../../lib/drift.ts";
import { describeLoss } from "../../../lib/unsaved-files.ts";
import type { BoxContainer, BoxObservation } from "../../../observe/box.ts";
import { observeUnsavedFiles } from "../../../observe/unsaved-files.ts";

/** What was found of one stack, in the form of `npm run drift -- --json`. */
export interface DriftReport {
  readonly stack: string;
  /** When it was looked at, ISO 8601 in UTC. */
  readonly at: string;
  readonly drifts: readonly DriftRow[];
  /** What could not be looked at, and why. */
  readonly notLookedAt: readonly string[];
}

export interface DriftRow extends Pick<Drift, "part" | "declared" | "found" | "plan" | "kind"> {
  /** What of the user's the plan takes away; empty for nothing. */
  readonly loses: string;
}

/** @param name the box's, `benchbox-sandbox` */
export async function reportOf(
  stack: string,
  name: string,
  box: BoxObservation,
  drifts: readonly Drift[],
): Promise<DriftReport> {
  const isReplaced = box.container !== undefined && drifts.some(replaces);
  const loss = isReplaced && box.container ? await lossOf(box.container) : "";
  const rows = drifts.map((drift): DriftRow => {
    const { part, declared, found, plan, kind } = drift;
    return { part, declared, found, plan: `\`up\` ${plan}`, kind, loses: replaces(drift) ? loss : "" };
  });
  const { stray } = box;
  if (stray !== undefined) {
    const declared = "the stack's own, on its network";
    rows.unshift({
      part: `container ${name}`,
      declared,
      found: stray.found,
      plan: stray.mend,
      kind: "drift",
      loses: "",
    });
  }
  return { stack, at: new Date().toISOString(), drifts: rows, notLookedAt: notLookedAt(box) };
}

const replaces = ({ plan }: Drift): boolean => plan.includes("replaces the container");

async function lossOf(container: BoxContainer): Promise<string> {
  const files = await observeUnsavedFiles(container);
  return files === undefined ? "the engine does not say" : describeLoss(files);
}
