import { describeLoss } from "../../model/unsaved-files.ts";
import type { BoxContainer } from "../../observe/box-observation.ts";
import type { MachineObservation } from "../../observe/observation.ts";
import { observeUnsavedFiles } from "../../observe/unsaved-files.ts";
import type { Drift } from "../../plan/drift.ts";

/** What was found of one stack, in the form of `npm run drift -- --json`. */
export interface DriftReport {
  readonly stack: string;
  /** When it was looked at, ISO 8601 in UTC. */
  readonly at: string;
  readonly drifts: readonly DriftRow[];
  /** What could not be looked at, and why. */
  readonly notLookedAt: readonly string[];
  /** Where the Docker Engine is, with its version. */
  readonly engine: string;
  /** The machine's GPUs, each with its driver; none where they cannot be seen, or are not wanted. */
  readonly gpus: readonly string[];
  /** Versions of what is installed in the box, by tool. */
  readonly tools: Readonly<Record<string, string>>;
}

export interface DriftRow extends Pick<Drift, "part" | "declared" | "found" | "plan" | "kind"> {
  /** What of the user's the plan takes away; empty for nothing. */
  readonly loses: string;
}

/** @param name the box's, `benchbox-sandbox` */
export async function reportOf(
  stack: string,
  name: string,
  { box, host }: Pick<MachineObservation, "box" | "host">,
  drifts: readonly Drift[],
): Promise<DriftReport> {
  const loss = box.container && drifts.some(({ isReplacing }) => isReplacing) ? await lossOf(box.container) : "";
  const rows = drifts.map((drift): DriftRow => {
    const { part, declared, found, plan, kind, isReplacing } = drift;
    return { part, declared, found, plan: `\`up\` ${plan}`, kind, loses: isReplacing ? loss : "" };
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
  const version = "problem" in host.engine ? "" : `Docker ${host.engine.ServerVersion}`;
  const gpus = host.gpus === undefined || "problem" in host.gpus ? [] : host.gpus;
  const tools = [...box.steps].flatMap(([id, { tool }]) => (tool ? [[id, tool.version]] : []));
  return {
    stack,
    at: new Date().toISOString(),
    drifts: rows,
    notLookedAt: box.notChecked ?? [],
    engine: `${version} on ${host.address ?? "this machine"}`,
    gpus: gpus.map(({ name: model, driver }) => `${model} (driver ${driver})`),
    tools: Object.fromEntries(tools),
  };
}

async function lossOf(container: BoxContainer): Promise<string> {
  const files = await observeUnsavedFiles(container);
  return files === undefined ? "the engine does not say" : describeLoss(files);
}
