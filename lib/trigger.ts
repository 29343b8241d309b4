import { randomUUID } from "node:crypto";
import type { BoxObservation } from "../observe/box.ts";

/**
 * The trigger that a step in the box must have now: the one it ran under while all is well, another one when it must
 * run (again). Once it has run, its marker holds the new trigger, so the next preview finds nothing to do.
 *
 * @param desired hash of everything that the step depends on
 */
export function stepTrigger(desired: string, seen: BoxObservation, id: string): string {
  if (seen.state === "absent") return desired; // nothing can be known of what the volumes hold
  const step = seen.steps.get(id);
  if (step === undefined || step.healthy === false) return `${desired} ${again()}`;
  return step.trigger.startsWith(desired) ? step.trigger : desired;
}

/** The same for starting the container, which a stop or a reboot undoes. */
export function startTrigger(seen: BoxObservation): string {
  switch (seen.state) {
    case "absent":
      return "created";
    case "stopped":
      return `stopped ${seen.stoppedAt}`;
    case "running":
      return seen.startedUnder ?? again();
    case "unreachable":
      return seen.startedUnder ?? "created";
  }
}

/**
 * The same for an image that is made on this machine.
 *
 * @param madeUnder the trigger that the image on the engine was made under; undefined when there is none
 */
export function imageTrigger(madeUnder: string | undefined): string {
  return madeUnder ?? again();
}

/** Different from every trigger before it: a broken step has no history to derive one from. Only for what must run. */
const again = (): string => randomUUID().slice(0, 8);
