/**
 * `start-failure.ts CONTAINER`, after an `up` that failed: prints why the box's container did not start, where its GPUs are at
 * fault. The engine keeps what kept a container from its last start, whoever asked for it: the Docker provider or start-box.
 */
import { tellGpuStart } from "../../lib/gpu-start-failure.ts";
import { inspectContainer } from "../../observe/box.ts";

const [name = ""] = process.argv.slice(2);
const container = await inspectContainer(name);
const { Error: message = "" } = container?.State ?? {};
const told = tellGpuStart(name, message, container?.Mounts.map(({ Source }) => Source) ?? []);
if (told !== undefined) console.error(`\n${told}`);
