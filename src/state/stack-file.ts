/** `stack-file.ts STACK`: prints where the stack's file is no YAML, or means different things to different readers, and nothing else. */
import { readFileSync } from "node:fs";
import { readYaml } from "../config/yaml-source.ts";
import { runCommand } from "../process/run-command.ts";

const file = `Pulumi.${process.argv[2]}.yaml`;
runCommand(async () => {
  readYaml(file, readFileSync(file, "utf8"));
  return 0;
});
