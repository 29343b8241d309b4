import { inspectContainer } from "../observe/box.ts";
import { formatGpuStartFailure } from "../plan/gpu-start-failure.ts";

/**
 * After a failed `up`: if GPUs are the reason why the box's container did not start, prints it with the fix. The Docker Engine records the
 * error of a container's last start, whether the Docker provider or start-box.ts started it.
 */
export async function reportStartFailure(box: string): Promise<void> {
  const container = await inspectContainer(box);
  const { Error: message = "" } = container?.State ?? {};
  const report = formatGpuStartFailure(box, message, container?.Mounts.map(({ Source }) => Source) ?? []);
  if (report !== undefined) console.error(`\n${report}`);
}
