#!/usr/bin/env node
import { openSync } from "node:fs";
import { type EngineLimits, type RunningLimits, updateOptions } from "../model/running-limits.ts";
import { UserError } from "../model/user-error.ts";
import { docker, inspect } from "../observe/docker.ts";
import { askEngine } from "../observe/docker-engine.ts";
import { observeNodes } from "../observe/memory-nodes.ts";
import { runCommand } from "../process/run-command.ts";
import { runProgram } from "../process/run-program.ts";
import { changeByDocker } from "./change-by-docker.ts";
import { shareDisplay } from "./share-display.ts";

// start-box.ts CONTAINER LIMITS: sets the container's limits (JSON), starts or unpauses it, restarts it if it has lost its GPUs, and passes
// it the records on standard input (see image/box/configure). BENCHBOX_TOOLS is the path of an archive with a bundle's tools.

interface BoxContainer {
  readonly HostConfig: EngineLimits;
  readonly State: { readonly Paused: boolean };
}

async function startBox(container: string, limits: RunningLimits): Promise<number> {
  const [found] = await inspect<BoxContainer>("container", [container]);
  if (found === undefined) throw new UserError(`starting the container ${container} failed: it does not exist`);
  await setLimits(container, limits, found.HostConfig);
  await changeByDocker([found.State.Paused ? "unpause" : "start", container]);
  await restoreGpus(container);
  const configure = ["exec", "--interactive", container, "/usr/local/lib/benchbox/configure"];
  const code = await runProgram("docker", configure);
  if (code !== 0) return code;
  if (process.env.BENCHBOX_TOOLS) await unpackTools(container, process.env.BENCHBOX_TOOLS);
  await shareDisplay(container, { isQuiet: true });
  return 0;
}

/**
 * Sets the limits of a container, running or not, that differ from the desired ones. Sets no others, since any update of a running
 * container can remove GPUs that NVIDIA's runtime gave it.
 *
 * @param actual the container's limits as the Docker Engine reports them
 * @throws UserError when the Docker Engine does not answer or refuses a limit
 */
async function setLimits(container: string, desired: RunningLimits, actual: EngineLimits): Promise<void> {
  const engine = await askEngine();
  if ("problem" in engine) {
    throw new UserError(`setting the limits of the container ${container} failed: ${engine.reason}`);
  }
  const nodes = await observeNodes(container);
  const options = updateOptions(desired, actual, { cpus: engine.NCPU, nodes });
  if (options.length > 0) await changeByDocker(["update", ...options, container]);
}

/**
 * Restarts a container that has lost its GPUs: it keeps the setting it was created with, and NVIDIA's runtime adds the GPUs at each start.
 */
async function restoreGpus(container: string): Promise<void> {
  if ((await lostGpus(container)) === undefined) return;
  await changeByDocker(["restart", "--time", "10", container]);
  const reason = await lostGpus(container);
  if (reason === undefined) return;
  throw new UserError(
    `the box has lost its GPUs, and a restart of its container did not restore them: ${reason}\n` +
      "  Fix: check the GPUs on the host (nvidia-smi; sudo dmesg | grep -i nvrm), then: npm run up",
  );
}

/** The driver's message if the box has lost its GPUs; undefined if it has them, or never had any. */
async function lostGpus(container: string): Promise<string | undefined> {
  const check = ["exec", container, "/usr/local/lib/benchbox/gpu-trouble"];
  const { stdout } = await docker(check, { seconds: 60 }); // nvidia-smi itself may take 20
  return /^lost (.*)/.exec(stdout)?.[1];
}

/**
 * Unpacks the tools of a bundle, which the first-run steps then find installed. Keeps files that the homes already have, except those that
 * an interrupted earlier run may have left incomplete.
 */
async function unpackTools(container: string, archive: string): Promise<void> {
  const script = `
    set -euo pipefail
    unfinished=/var/lib/benchbox/unbundling kept=--skip-old-files
    if [[ -e $unfinished ]]; then kept=--overwrite; fi
    touch "$unfinished"
    tar --extract --gzip --directory / --numeric-owner --same-permissions "$kept"
    rm "$unfinished"`;
  const words = ["exec", "--interactive", "--user", "root", container, "bash", "-c", script];
  const code = await runProgram("docker", words, { stdio: [openSync(archive, "r"), "inherit", "inherit"] });
  if (code !== 0) throw new UserError("unpacking the bundle's tools in the box failed: see the lines above");
}

runCommand(() => {
  const [container = "", limits = "{}"] = process.argv.slice(2);
  return startBox(container, JSON.parse(limits) as RunningLimits);
});
