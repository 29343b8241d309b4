import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { loadMachine } from "./load.ts";
import type { Machine } from "./machine.ts";
import { readYaml } from "./yaml-source.ts";

/**
 * A stack's machine, as its program has it, for commands that do without Pulumi.
 *
 * @throws ConfigurationError with every problem of both files
 */
export function machineOf(stack: string): Machine {
  const directory = join(import.meta.dirname, "..");
  const { project, engineConfig } = stackValues(directory, stack);
  return loadMachine({ directory, project, stack, engineConfig, home: homedir() });
}

/** What the engine would give a program of this stack: its project, and its configuration in the engine's own form. */
export function stackValues(
  directory: string,
  stack: string,
): { readonly project: string; readonly engineConfig: Readonly<Record<string, string>> } {
  const read = (file: string) => readYaml(file, readFileSync(join(directory, file), "utf8")).value;
  const { name: project } = read("Pulumi.yaml") as { name: string };
  const { config } = (read(`Pulumi.${stack}.yaml`) ?? {}) as { config?: Record<string, unknown> | null };
  const entries = Object.entries(config ?? {}).filter(([, value]) => !isEncrypted(value));
  return { project, engineConfig: Object.fromEntries(entries.map(([key, value]) => [key, engineText(value)])) };
}

const engineText = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** Only the engine has the passphrase. */
const isEncrypted = (value: unknown): boolean => typeof value === "object" && value !== null && "secure" in value;
