import { inspectContainer } from "../observe/box.ts";
import { formatGpuStartFailure } from "../plan/gpu-start-failure.ts";

/**
 * After an `up` that failed: prints why the box's container did not start and the fix, where GPUs are the cause. The Docker Engine
 * records the error of a container's last start, be it by the Docker provider or by start-box.ts.
 */
export async function reportStartFailure(box: string): Promise<void> {
  const container = await inspectContainer(box);
  const { Error: message = "" } = container?.State ?? {};
  const report = formatGpuStartFailure(box, message, container?.Mounts.map(({ Source }) => Source) ?? []);
  if (report !== undefined) console.error(`\n${report}`);
}
