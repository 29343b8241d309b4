import { isDeepStrictEqual } from "node:util";
import { type LoadOptions, loadMachine } from "../config/load.ts";
import type { Machine } from "../model/machine.ts";
import { type MachineObservation, observeMachine } from "../observe/observation.ts";

/** An observation that began before the program did. */
let early: { options: LoadOptions; machine: Machine; seen: Promise<MachineObservation> } | undefined;

/** Begins to observe a stack. Ignores errors in its files, which the program reports. */
export function beginObservation(options: LoadOptions): void {
  try {
    const machine = loadMachine(options);
    early = { options, machine, seen: observeMachine(machine) };
    early.seen.catch(() => {}); // whoever awaits it gets the error
  } catch {}
}

/** The stack's configuration, where an observation with the same options has begun already. */
export const observedMachine = (options: LoadOptions): Machine | undefined =>
  isDeepStrictEqual(early?.options, options) ? early?.machine : undefined;

/** Observes a stack, or returns the observation that has begun already. */
export const observeOnce = (machine: Machine): Promise<MachineObservation> =>
  early?.machine === machine ? early.seen : observeMachine(machine);
