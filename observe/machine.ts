import type { Machine } from "../config/machine.ts";
import { debootstrapTag } from "../lib/debootstrap-tag.ts";
import { type BoxObservation, observeBox } from "./box.ts";
import { imageMadeUnder } from "./images.ts";
import { missingOn } from "./preflight.ts";

/** What is on one stack's machine now. Looking changes nothing. */
export interface MachineObservation {
  readonly box: BoxObservation;
  /** The trigger under which the base made on this machine was made; undefined when there is none. */
  readonly baseMadeUnder: string | undefined;
  /** What the machine lacks for the stack, a sentence each; empty when it can run it. */
  readonly missing: readonly string[];
}

export async function observeMachine(machine: Machine): Promise<MachineObservation> {
  const { name, base, users } = machine;
  const [box, baseMadeUnder] = await Promise.all([
    observeBox(name, users[0].name),
    base.kind === "debootstrap" ? imageMadeUnder(debootstrapTag(base)) : undefined,
  ]);
  return { box, baseMadeUnder, missing: await missingOn(machine, box) };
}
