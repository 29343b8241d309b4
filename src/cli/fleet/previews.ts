import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { limitTo, run } from "./run.ts";

/** What a previewer is asked. */
export interface PreviewRequest {
  readonly stack: string;
  /** Variables that say which engine is the stack's; empty: not set. */
  readonly engine: Readonly<Record<string, string>>;
}

/** How much an `up` would do, by kinds of steps, or why there is no plan. */
export type PreviewAnswer = { readonly changes: Readonly<Record<string, number>> } | { readonly error: string };

/** Previewers that wait for another stack. */
const idle: ChildProcess[] = [];

/** Previews a stack, after a look at its machine. Undefined: it took longer than it may. */
export async function preview(stack: string, seconds: number): Promise<PreviewAnswer | undefined> {
  const request: PreviewRequest = { stack, engine: await engineOf(stack) };
  const previewer = take();
  const limit = limitTo(seconds, previewer);
  const settled = new AbortController();
  const first = ["message", "exit"].map((event) => once(previewer, event, settled));
  previewer.send(request);
  const [answer] = await Promise.race(first);
  settled.abort();
  limit.lift();
  if (limit.isOver()) return undefined;
  if (!isAnswer(answer)) return { error: "the program ended without a word" };
  // What a program that failed has left in its process is nobody else's.
  if ("error" in answer) previewer.disconnect();
  else putBack(previewer);
  return answer;
}

const isAnswer = (answer: unknown): answer is PreviewAnswer => typeof answer === "object" && answer !== null;

/** One that waits and lives, or a new one. */
function take(): ChildProcess {
  let previewer = idle.pop();
  while (previewer && !previewer.connected) previewer = idle.pop();
  previewer ??= start();
  previewer.ref();
  previewer.channel?.ref();
  return previewer;
}

/** It ends with us, so that we need not wait for it. */
function putBack(previewer: ChildProcess): void {
  previewer.unref();
  previewer.channel?.unref();
  idle.push(previewer);
}

function start(): ChildProcess {
  const execArgv = [
    "--max-semi-space-size=4",
    "--import",
    join(import.meta.dirname, "../../program/preload/lazy-modules.ts"),
  ];
  // A group of its own, so that a limit ends what it started, too.
  return fork(join(import.meta.dirname, "previewer.ts"), { detached: true, execArgv, stdio: ["ignore", 2, 2, "ipc"] });
}

/** Asked of a process of its own: it sets its environment, and this one is all stacks'. */
async function engineOf(stack: string): Promise<PreviewRequest["engine"]> {
  const { stdout } = await run([process.execPath, join(import.meta.dirname, "engine-of.ts"), stack], {});
  return JSON.parse(stdout) as PreviewRequest["engine"];
}
