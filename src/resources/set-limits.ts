import { execFileSync } from "node:child_process";
import { type EngineLimits, type RunningLimits, updateOptions } from "../model/running-limits.ts";
import { askEngine } from "../observe/docker-engine.ts";
import { inspect } from "../observe/images.ts";
import { runCommand } from "../process/run-command.ts";

// set-limits.ts CONTAINER LIMITS: gives the container, running or not, those limits (JSON) that it has otherwise. Only those:
// any update of a running container can take away GPUs that NVIDIA's runtime gave it.

runCommand(async () => {
  const [container = "", limits = "{}"] = process.argv.slice(2);
  const [engine, [found]] = await Promise.all([
    askEngine(),
    inspect<{ readonly HostConfig: EngineLimits }>("container", [container]),
  ]);
  if ("problem" in engine || found === undefined) {
    console.error(`benchbox: the limits of the container ${container} cannot be looked at`);
    return 1;
  }
  const options = updateOptions(JSON.parse(limits) as RunningLimits, found.HostConfig, engine.NCPU);
  if (options.length > 0) {
    execFileSync("docker", ["update", ...options, container], { stdio: ["ignore", "ignore", "inherit"] });
  }
  return 0;
});
