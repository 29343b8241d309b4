import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "../model/problem.ts";
import { stackSourceOf } from "./stack-source.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

/**
 * Reads a configuration file in a folder.
 *
 * @throws ConfigurationError when the file is missing, invalid or ambiguous
 */
export function readSource(directory: string, file: string): YamlSource {
  const path = join(directory, file);
  if (!existsSync(path)) {
    throw new ConfigurationError([{ file, line: 1, path: "", message: `is missing; create it in ${directory}` }]);
  }
  return readYaml(file, readFileSync(path, "utf8"));
}

/** The name of the Pulumi project in a folder. */
export function projectOf(directory: string): string {
  return (readSource(directory, "Pulumi.yaml").value as { readonly name: string }).name;
}

/** The options in a stack's file by name, not validated: `{ssh: {port: 22022}}`. */
export function stackOptions(directory: string, stack: string): Readonly<Record<string, unknown>> {
  const yaml = readSource(directory, `Pulumi.${stack}.yaml`);
  return stackSourceOf(yaml, projectOf(directory), undefined).value as Record<string, unknown>;
}
