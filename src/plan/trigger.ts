import { randomUUID } from "node:crypto";
import type { BoxObservation, StepObservation } from "../observe/box-observation.ts";
import type { BuiltImage } from "../observe/images.ts";

/** What decides whether a step must run, beside what was seen of it. */
export interface WantedStep {
  readonly id: string;
  /** Hash of everything that the step depends on. */
  readonly desired: string;
  readonly required: boolean;
  /** Hash of the ways to what it downloads. */
  readonly sources: string;
  /** Whether one that failed is tried again, or one that is there is upgraded, because somebody said so. */
  readonly isAskedFor: (found: StepObservation) => boolean;
  /** Whether a step that this one needs is going to run. */
  readonly needRuns: boolean;
}

/**
 * The trigger that a step in the box must have now: the one it ran under while all is well, another one when it must
 * run (again). Once it has run, its marker holds the new trigger, so the next preview finds nothing to do.
 */
export function stepTrigger(wanted: WantedStep, seen: BoxObservation): string {
  const { id, desired } = wanted;
  if (seen.state === "absent") return desired; // nothing can be known of what the volumes hold
  const found = seen.steps.get(id);
  if (found === undefined || found.broken !== undefined || isTriedAgain(found, wanted, seen))
    return `${desired} ${again()}`;
  return found.trigger.startsWith(desired) ? found.trigger : desired;
}

function isTriedAgain(found: StepObservation, wanted: WantedStep, seen: BoxObservation): boolean {
  if (wanted.isAskedFor(found)) return true;
  if (found.state === "installed") return false;
  const isNeedThere = found.missing !== undefined && seen.steps.get(found.missing)?.state === "installed";
  return wanted.required || wanted.needRuns || isNeedThere || found.sources !== wanted.sources;
}

/**
 * The same for starting the container, which a stop, a pause or a reboot undoes, and for giving it what it lacks: lost GPUs,
 * limits, and what it was handed.
 *
 * @param isChanged whether something that it is given then is not in it as it should be
 */
export function startTrigger(seen: BoxObservation, isChanged: boolean): string {
  switch (seen.state) {
    case "absent":
      return "created";
    case "stopped":
      return `stopped ${seen.stoppedAt}`;
    case "paused":
      return `paused ${again()}`; // the engine does not say since when
    case "running":
      if (seen.lostGpus !== undefined) return `lost ${again()}`;
      return isChanged ? `changed ${again()}` : (seen.startedUnder ?? again());
    case "unreachable":
      return seen.startedUnder ?? "created";
  }
}

/**
 * The same for the box's network.
 *
 * @param made the label of the one that is there, empty for one of an earlier version; undefined when there is none
 */
export const networkTrigger = (made: string | undefined): string =>
  made === undefined ? `made ${again()}` : made || "made";

/**
 * The same for the container: the hash of what it is made with, which it has as a label.
 *
 * @param made the label of the one that is there; undefined when there is none
 * @param isDamaged whether it lacks what only a new one would have
 */
export function containerTrigger(hash: string, made: string | undefined, isDamaged: boolean): string {
  if (made === undefined || !isMadeAs(hash, made)) return hash;
  return isDamaged ? `${hash} ${again()}` : made;
}

/** Whether a container with this label was made with what has this hash. */
export const isMadeAs = (hash: string, made: string): boolean => made === hash || made.startsWith(`${hash} `);

/**
 * The same for the base: the one that the newest image was built under, until it must be got and checked (again).
 *
 * @param declaration hash of what the base is declared to be
 * @param mustGet whether an image must be built on it that no image was built on before
 * @param images the stack's images, the newest first
 */
export function baseTrigger(declaration: string, mustGet: boolean, images: readonly BuiltImage[]): string {
  return (mustGet ? undefined : images[0]?.baseTrigger) ?? `${declaration} ${again()}`;
}

/** Whether an image was built on this base after it had been got and checked by this declaration. */
export function wasChecked(declaration: string, base: string | undefined, images: readonly BuiltImage[]): boolean {
  return images.some((image) => image.base === base && image.baseTrigger.startsWith(declaration));
}

/**
 * The same for the stack's image: what the image of this name carries, when it is there, or what a new one is to carry.
 *
 * @param wanted name with tag, the hash in that tag, and what the image is built under
 */
export function imageMarks(
  wanted: { reference: string; content: string; declared: string; baseTrigger: string; base: string },
  images: readonly BuiltImage[],
): BuiltImage {
  const { reference, content, declared, baseTrigger, base } = wanted;
  const found = images.find((image) => image.reference === reference);
  return found ?? { reference, declared, trigger: `${content} ${again()}`, baseTrigger, base };
}

/** Different from every trigger before it: a broken step has no history to derive one from. Only for what must run. */
const again = (): string => randomUUID().slice(0, 8);
