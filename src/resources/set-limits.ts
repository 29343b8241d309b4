import { type EngineLimits, type RunningLimits, updateOptions } from "../model/running-limits.ts";
import { UserError } from "../model/user-error.ts";
import { askEngine } from "../observe/docker-engine.ts";
import { observeNodes } from "../observe/memory-nodes.ts";
import { changeByDocker } from "./change-by-docker.ts";

/**
 * Sets the limits of a container, running or not, that differ from the desired ones. Sets no others, since any update of a running
 * container can remove GPUs that NVIDIA's runtime gave it.
 *
 * @param actual the container's limits as the Docker Engine reports them
 * @throws UserError when the Docker Engine does not answer or refuses a limit
 */
export async function setLimits(container: string, desired: RunningLimits, actual: EngineLimits): Promise<void> {
  const engine = await askEngine();
  if ("problem" in engine) {
    throw new UserError(`setting the limits of the container ${container} failed: ${engine.reason}`);
  }
  const nodes = await observeNodes(container);
  const options = updateOptions(desired, actual, { cpus: engine.NCPU, nodes });
  if (options.length > 0) await changeByDocker(["update", ...options, container]);
}
