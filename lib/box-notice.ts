import type { Notice } from "../config/machine.ts";
import type { BoxObservation } from "../observe/box.ts";

/**
 * What `up` will do with a container that stands still, or has other limits: in the plan it is a step among others.
 *
 * @param limitChanges see `LimitsPlan`
 */
export function boxNotices(
  { state, stoppedAt }: Pick<BoxObservation, "state" | "stoppedAt">,
  limitChanges: readonly string[],
): Notice[] {
  const limits = limitChanges.join(", ");
  return [
    ...standstill(state, stoppedAt),
    ...(limits === "" ? [] : [info(`\`up\` gives the same container, while it runs, its declared limits: ${limits}.`)]),
  ];
}

function standstill(state: BoxObservation["state"], stoppedAt: string | undefined): Notice[] {
  if (state === "paused")
    return [info("The box is paused. `up` lets the same container go on; nothing in it is lost.")];
  if (state !== "stopped") return [];
  const since = stoppedAt === undefined || stoppedAt.startsWith("0001-") ? "" : ` since ${stoppedAt.slice(0, 19)}Z`;
  return [info(`The box is stopped${since}. \`up\` starts the same container; nothing in it is lost.`)];
}

const info = (text: string): Notice => ({ severity: "info", text });
