import { isDeepStrictEqual } from "node:util";
import { type LoadOptions, loadMachine } from "../config/load.ts";
import type { Machine } from "../model/machine.ts";
import { type MachineObservation, observeMachine } from "../observe/observation.ts";

/** A look at a machine that began before the program did. */
let begun: { options: LoadOptions; machine: Machine; seen: Promise<MachineObservation> } | undefined;

/** Begins to look at a stack's machine. Of files that declare none it says nothing: the program does. */
export function beginObservation(options: LoadOptions): void {
  try {
    const machine = loadMachine(options);
    begun = { options, machine, seen: observeMachine(machine) };
    begun.seen.catch(() => {}); // whoever awaits it is told
  } catch {}
}

/** The machine that is being looked at already, where it was loaded with the same options. */
export const observedMachine = (options: LoadOptions): Machine | undefined =>
  isDeepStrictEqual(begun?.options, options) ? begun?.machine : undefined;

/** What is on the machine; a look that has begun already is not begun again. */
export const lookAt = (machine: Machine): Promise<MachineObservation> =>
  begun?.machine === machine ? begun.seen : observeMachine(machine);
