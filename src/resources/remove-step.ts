#!/usr/bin/env node
import { inspect } from "../observe/docker.ts";
import { runCommand } from "../process/run-command.ts";
import { runProgram } from "../process/run-program.ts";

// remove-step.ts CONTAINER USER ID: undoes a first-run step that is no longer in the configuration.

/** Runs in the box; its first argument is the step's id. */
const script =
  'step=$HOME/.local/share/benchbox/steps/$0/lib/remove-step; if [[ -f $step ]]; then exec bash "$step" "$0"; fi';

runCommand(async () => {
  const [container = "", user = "", id = ""] = process.argv.slice(2);
  const [box] = await inspect("container", [container]);
  if (box === undefined) return 0; // its steps went with it
  const words = ["exec", "--user", user, container, "bash", "-lc", script, id];
  // Pulumi shows only standard error.
  return runProgram("docker", words, { stdio: ["inherit", 2, 2] });
});
