import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readYaml } from "../config/yaml-source.ts";
import { stackFile } from "./project.ts";

/**
 * Checks that a stack's file is YAML and means the same to every reader.
 *
 * @throws ConfigurationError with the lines that are not
 */
export function checkStackFile(stack: string): void {
  const file = stackFile(stack);
  readYaml(basename(file), readFileSync(file, "utf8"));
}
