import { askDocker } from "./docker.ts";

/** Whether a container is there and runs, paused or not. */
export const isRunning = async (container: string): Promise<boolean> =>
  (await askDocker(["container", "inspect", "--format", "{{.State.Running}}", container])).trim() === "true";
