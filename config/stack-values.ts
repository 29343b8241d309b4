import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readYaml } from "./yaml-source.ts";

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
