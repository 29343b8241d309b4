import { homedir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../model/machine.ts";
import { projectOf } from "./files.ts";
import { loadMachine } from "./load.ts";

/**
 * The configuration of a stack, as its Pulumi program reads it, for commands that run without Pulumi.
 *
 * @throws ConfigurationError with every problem of both files
 */
export function machineOf(stack: string): Machine {
  const directory = join(import.meta.dirname, "../..");
  return loadMachine({ directory, project: projectOf(directory), stack, engineConfig: undefined, home: homedir() });
}
