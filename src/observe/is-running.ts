import { inspect } from "./docker.ts";

/** Whether a container is there and runs, paused or not. */
export async function isRunning(container: string): Promise<boolean> {
  const [found] = await inspect<{ readonly State: { readonly Running: boolean } }>("container", [container]);
  return found?.State.Running ?? false;
}
