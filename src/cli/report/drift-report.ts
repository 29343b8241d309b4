import { describeLoss } from "../../model/unsaved-files.ts";
import type { BoxContainer } from "../../observe/box-observation.ts";
import type { MachineObservation } from "../../observe/observation.ts";
import { observeUnsavedFiles } from "../../observe/unsaved-files.ts";
import type { Drift } from "../../plan/drift.ts";
import type { DriftReport, DriftRow } from "../documents.ts";

/** @param name name of the box, `benchbox-sandbox` */
export async function reportOf(
  stack: string,
  name: string,
  { box, host }: Pick<MachineObservation, "box" | "host">,
  drifts: readonly Drift[],
): Promise<DriftReport> {
  const loss = box.container && drifts.some(({ isReplacing }) => isReplacing) ? await lossOf(box.container) : "";
  const rows = drifts.map((drift): DriftRow => {
    const { part, desired, actual, plan, kind, isReplacing } = drift;
    const lostData = isReplacing ? loss : "";
    return { part, desired, actual, kind, plannedAction: `\`up\` ${plan}`, losesData: lostData !== "", lostData };
  });
  const { stray } = box;
  if (stray !== undefined) {
    const desired = "the stack's own container, on its network";
    rows.unshift({
      part: `container ${name}`,
      desired,
      actual: stray.found,
      kind: "drift",
      plannedAction: stray.fix,
      losesData: false,
      lostData: "",
    });
  }
  const version = "problem" in host.engine ? "" : `Docker ${host.engine.ServerVersion}`;
  const gpus = host.gpus === undefined || "problem" in host.gpus ? [] : host.gpus;
  const tools = [...box.steps].flatMap(([id, { tool }]) => (tool ? [[id, tool.version]] : []));
  return {
    version: 1,
    stack,
    checkedAt: new Date().toISOString(),
    drifts: rows,
    notChecked: [...(box.notChecked ?? [])],
    dockerEngine: `${version} on ${host.address ?? "this machine"}`,
    gpus: gpus.map(({ name: model, driver }) => `${model} (driver ${driver})`),
    tools: Object.fromEntries(tools),
  };
}

async function lossOf(container: BoxContainer): Promise<string> {
  const files = await observeUnsavedFiles(container);
  return files === undefined ? "unknown: the Docker Engine does not answer" : describeLoss(files);
}
