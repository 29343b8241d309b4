import type { BoxObservation } from "../observe/box.ts";

/** What `up` will do with a container that stands still, as a sentence; undefined when it does not. */
export function boxNotice({ state, stoppedAt }: Pick<BoxObservation, "state" | "stoppedAt">): string | undefined {
  if (state === "paused") return "The box is paused. `up` lets the same container go on; nothing in it is lost.";
  if (state !== "stopped") return undefined;
  const since = stoppedAt === undefined || stoppedAt.startsWith("0001-") ? "" : ` since ${stoppedAt.slice(0, 19)}Z`;
  return `The box is stopped${since}. \`up\` starts the same container; nothing in it is lost.`;
}
