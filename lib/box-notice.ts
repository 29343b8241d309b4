import type { FirstRunStep, Notice } from "../config/machine.ts";
import type { BoxObservation } from "../observe/box.ts";

type Seen = Pick<BoxObservation, "state" | "stoppedAt" | "steps">;

/**
 * What a person should know of what `up` will do: why a container that stands still, has other limits, or a step is in the plan.
 *
 * @param limitChanges see `LimitsPlan`
 */
export function boxNotices(
  seen: Seen,
  limitChanges: readonly string[],
  steps: readonly Pick<FirstRunStep, "id">[],
): Notice[] {
  const limits = limitChanges.join(", ");
  return [
    ...standstill(seen),
    ...(limits === "" ? [] : [info(`\`up\` gives the same container, while it runs, its declared limits: ${limits}.`)]),
    ...steps.flatMap(({ id }) => brokenNotice(id, seen)),
  ];
}

function standstill({ state, stoppedAt }: Seen): Notice[] {
  if (state === "paused")
    return [info("The box is paused. `up` lets the same container go on; nothing in it is lost.")];
  if (state !== "stopped") return [];
  const since = stoppedAt === undefined || stoppedAt.startsWith("0001-") ? "" : ` since ${stoppedAt.slice(0, 19)}Z`;
  return [info(`The box is stopped${since}. \`up\` starts the same container; nothing in it is lost.`)];
}

function brokenNotice(id: string, { steps }: Seen): Notice[] {
  const found = steps.get(id);
  if (found?.broken === undefined) return [];
  const what = found.tool ? `${id} ${found.tool.version}` : id;
  return [info(`${what} is not as it was installed: ${found.broken}. \`up\` repairs it and nothing else.`)];
}

const info = (text: string): Notice => ({ severity: "info", text });
