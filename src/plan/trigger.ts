import { randomUUID } from "node:crypto";
import type { BoxObservation, StepObservation } from "../observe/box-observation.ts";
import type { BuiltImage } from "../observe/images.ts";

/** What decides whether a step must run, in addition to its state in the box. */
export interface WantedStep {
  readonly id: string;
  /** Hash of everything that the step depends on. */
  readonly desired: string;
  readonly required: boolean;
  /** Hash of the sources of its downloads. */
  readonly sources: string;
  /** Whether the user asked to try this failed step again, or to upgrade its installed tool. */
  readonly isRequested: (found: StepObservation) => boolean;
  /** Whether a step that this one needs will run. */
  readonly needRuns: boolean;
}

/**
 * The trigger that a step in the box must have now: that of its last run if its tool is intact, or a new one if the step must run. After
 * the run, the marker has the new trigger, so the next preview finds nothing to do.
 */
export function stepTrigger(wanted: WantedStep, seen: BoxObservation): string {
  const { id, desired } = wanted;
  if (seen.state === "absent") return desired; // the contents of the volumes are unknown
  const found = seen.steps.get(id);
  if (found === undefined || found.broken !== undefined || shouldRetry(found, wanted, seen))
    return `${desired} ${nonce()}`;
  return found.trigger.startsWith(desired) ? found.trigger : desired;
}

function shouldRetry(found: StepObservation, wanted: WantedStep, seen: BoxObservation): boolean {
  if (wanted.isRequested(found)) return true;
  if (found.state === "installed") return false;
  const isNeedMet = found.missing !== undefined && seen.steps.get(found.missing)?.state === "installed";
  return wanted.required || wanted.needRuns || isNeedMet || found.sources !== wanted.sources;
}

/**
 * The trigger for starting the container, which must happen again after a stop, a pause or a reboot, when the container has lost its
 * GPUs, and when its limits or the files installed at its start have changed.
 *
 * @param isChanged whether something that the start sets or installs differs from the desired state
 */
export function startTrigger(seen: BoxObservation, isChanged: boolean): string {
  switch (seen.state) {
    case "absent":
      return "created";
    case "stopped":
      return `stopped ${seen.stoppedAt}`;
    case "paused":
      return `paused ${nonce()}`; // the Docker Engine does not report since when
    case "running":
      if (seen.lostGpus !== undefined) return `lost ${nonce()}`;
      return isChanged ? `changed ${nonce()}` : (seen.startedUnder ?? nonce());
    case "unreachable":
      return seen.startedUnder ?? "created";
  }
}

/**
 * The trigger for creating the box's network.
 *
 * @param label the label of the current network, empty for one of an earlier version; undefined without a network
 */
export const networkTrigger = (label: string | undefined): string =>
  label === undefined ? `made ${nonce()}` : label || "made";

/**
 * The trigger for creating the container: the hash of its arguments, which it carries as a label.
 *
 * @param label the label of the current container; undefined without a container
 * @param isDamaged whether it is damaged in a way that only a new container fixes
 */
export function containerTrigger(hash: string, label: string | undefined, isDamaged: boolean): string {
  if (label === undefined || !matchesHash(hash, label)) return hash;
  return isDamaged ? `${hash} ${nonce()}` : label;
}

/** Whether a container with this label was created with the arguments that have this hash. */
export const matchesHash = (hash: string, label: string): boolean => label === hash || label.startsWith(`${hash} `);

/**
 * The trigger for pulling or creating the base: that of the newest image, until the base must be fetched and checked again.
 *
 * @param declaration hash of the base's configuration
 * @param mustGet whether a build needs a base that no image was built on before
 * @param images the stack's images, newest first
 */
export function baseTrigger(declaration: string, mustGet: boolean, images: readonly BuiltImage[]): string {
  return (mustGet ? undefined : images[0]?.baseTrigger) ?? `${declaration} ${nonce()}`;
}

/** Whether an image was built on this base after the base had been checked against this configuration. */
export function wasChecked(declaration: string, base: string | undefined, images: readonly BuiltImage[]): boolean {
  return images.some((image) => image.base === base && image.baseTrigger.startsWith(declaration));
}

/**
 * The labels of the stack's image: those of the existing image of this name, or those for a new one.
 *
 * @param wanted name with tag, the hash in that tag, and the triggers of the build
 */
export function imageMarks(
  wanted: { reference: string; content: string; declared: string; baseTrigger: string; base: string },
  images: readonly BuiltImage[],
): BuiltImage {
  const { reference, content, declared, baseTrigger, base } = wanted;
  const found = images.find((image) => image.reference === reference);
  return found ?? { reference, declared, trigger: `${content} ${nonce()}`, baseTrigger, base };
}

/** A fresh random value, for a trigger that differs from every earlier one: a broken step has no history to derive one from. */
const nonce = (): string => randomUUID().slice(0, 8);
