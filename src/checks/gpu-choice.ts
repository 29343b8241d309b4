import { type CheckResult, error, notVisible, passed, warning } from "../model/check-result.ts";
import type { Machine } from "../model/machine.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { isNamedBy } from "../plan/chosen-gpus.ts";
import { chosenBy } from "../plan/gpu-choice.ts";

/** Checks that the host has the GPUs that are chosen by model and count, and warns about those that another box uses as well. */
export function evaluateChoice(
  { gpu: { choice } }: Pick<Machine, "gpu">,
  seen: Pick<MachineObservation, "host" | "box">,
): CheckResult[] {
  if (choice === undefined) return [];
  const { gpus, isRemote, gpusOfOthers = [] } = seen.host;
  const subject = `GPUs by ${choice.model === undefined ? "count" : "model"}`;
  const chosen = chosenBy(choice, seen);
  if (chosen === undefined || gpus === undefined || "problem" in gpus) {
    if (!isRemote) return notVisible(subject); // the driver check reports it
    const fix = "run nvidia-smi -L on the Docker host, and list the GPUs in benchbox:gpu";
    return error(subject, "the GPUs of the Docker host are not visible from here", "indices or UUIDs", fix);
  }
  const { model = "any model", count } = choice;
  if (chosen.length < (count ?? 1)) {
    const there = gpus.map(({ index, name }) => `${index}: ${name}`).join(", ") || "no GPU";
    const needed = `${count ?? "1 or more"} of ${model}`;
    return error(subject, `the host has ${there}`, needed, "correct benchbox:gpu in Pulumi.<stack>.yaml");
  }
  const shared = gpusOfOthers.filter((name) => gpus.some((gpu) => chosen.includes(gpu.uuid) && isNamedBy(gpu, name)));
  if (shared.length === 0) return passed(subject, chosen.join(", "));
  return warning(
    subject,
    `another box uses ${shared.join(", ")} as well`,
    "GPUs of its own",
    "lower the count, or list other GPUs: docker ps --filter label=benchbox.box lists the boxes",
  );
}
