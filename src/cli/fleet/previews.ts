import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { killAfter } from "./run.ts";

/** The number of planned operations by kind, or why there is no plan. */
export type PreviewAnswer = { readonly changes: Readonly<Record<string, number>> } | { readonly error: string };

/** Previewers that are waiting for another stack. */
const idle: ChildProcess[] = [];

/** Previews a stack; undefined when that took too long. */
export async function preview(stack: string, seconds: number): Promise<PreviewAnswer | undefined> {
  let previewer = idle.pop();
  while (previewer && !previewer.connected) previewer = idle.pop();
  previewer ??= start();
  previewer.ref(); // this process waits for its answer, but not for idle previewers
  const hasExpired = killAfter(seconds, previewer);
  const settled = new AbortController();
  const first = ["message", "exit"].map((event) => once(previewer, event, settled));
  previewer.send(stack);
  const [answer]: (PreviewAnswer | number | null | undefined)[] = await Promise.race(first);
  settled.abort();
  previewer.unref();
  if (hasExpired()) return undefined;
  if (typeof answer !== "object" || answer === null) return { error: "the previewer exited without an answer" };
  // A failed program may have left state in its process, which is not used again.
  if ("error" in answer) previewer.disconnect();
  else idle.push(previewer);
  return answer;
}

function start(): ChildProcess {
  const preload = join(import.meta.dirname, "../../program/preload/lazy-modules.ts");
  const previewer = fork(join(import.meta.dirname, "previewer.ts"), {
    detached: true, // a process group of its own, so that a timeout also ends its children
    execArgv: ["--max-semi-space-size=4", "--import", preload],
    stdio: ["ignore", 2, 2, "ipc"],
  });
  previewer.channel?.unref();
  return previewer;
}
