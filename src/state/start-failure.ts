/**
 * `start-failure.ts CONTAINER`, after an `up` that failed: prints why the box's container did not start and the fix, where GPUs
 * are the cause. The engine records the error of a container's last start, be it by the Docker provider or by start-box.ts.
 */

import { inspectContainer } from "../observe/box.ts";
import { formatGpuStartFailure } from "../plan/gpu-start-failure.ts";
import { runCommand } from "../process/run-command.ts";

runCommand(async () => {
  const [name = ""] = process.argv.slice(2);
  const container = await inspectContainer(name);
  const { Error: message = "" } = container?.State ?? {};
  const report = formatGpuStartFailure(name, message, container?.Mounts.map(({ Source }) => Source) ?? []);
  if (report !== undefined) console.error(`\n${report}`);
  return 0;
});
