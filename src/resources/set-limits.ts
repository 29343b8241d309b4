import { type EngineLimits, type RunningLimits, updateOptions } from "../model/running-limits.ts";
import { UserError } from "../model/user-error.ts";
import { askEngine } from "../observe/docker-engine.ts";
import { changeByDocker } from "./change-by-docker.ts";

/**
 * Sets the limits that a container, running or not, does not have yet. Only those: any update of a running container can take away GPUs
 * that NVIDIA's runtime gave it.
 *
 * @param actual what the Docker Engine reports of the container
 */
export async function setLimits(container: string, desired: RunningLimits, actual: EngineLimits): Promise<void> {
  const engine = await askEngine();
  if ("problem" in engine) {
    throw new UserError(`setting the limits of the container ${container} failed: ${engine.reason}`);
  }
  const options = updateOptions(desired, actual, engine.NCPU);
  if (options.length > 0) await changeByDocker(["update", ...options, container]);
}
