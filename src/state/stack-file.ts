import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readYaml } from "../config/yaml-source.ts";
import { stackFile } from "./project.ts";

/**
 * Checks that a stack's file is valid YAML that every parser reads the same way.
 *
 * @throws ConfigurationError with the lines that are wrong
 */
export function checkStackFile(stack: string): void {
  const file = stackFile(stack);
  readYaml(basename(file), readFileSync(file, "utf8"));
}
