import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { run, startTimeout } from "./run.ts";

/** A request to a previewer. */
export interface PreviewRequest {
  readonly stack: string;
  /** Environment variables that select the stack's Docker Engine; an empty value stands for unset. */
  readonly engine: Readonly<Record<string, string>>;
}

/** The number of planned operations by kind, or why there is no plan. */
export type PreviewAnswer = { readonly changes: Readonly<Record<string, number>> } | { readonly error: string };

/** Previewers that are waiting for another stack. */
const idle: ChildProcess[] = [];

/** Previews a stack; undefined when that took too long. */
export async function preview(stack: string, seconds: number): Promise<PreviewAnswer | undefined> {
  const engine = await engineOf(stack);
  if (typeof engine === "string") return { error: engine };
  const request: PreviewRequest = { stack, engine };
  const previewer = take();
  const timeout = startTimeout(seconds, previewer);
  const settled = new AbortController();
  const first = ["message", "exit"].map((event) => once(previewer, event, settled));
  previewer.send(request);
  const [answer] = await Promise.race(first);
  settled.abort();
  timeout.cancel();
  if (timeout.hasExpired()) return undefined;
  if (!isAnswer(answer)) return { error: "the previewer exited without an answer" };
  // A failed program may have left state in its process, which is not used again.
  if ("error" in answer) previewer.disconnect();
  else putBack(previewer);
  return answer;
}

const isAnswer = (answer: unknown): answer is PreviewAnswer => typeof answer === "object" && answer !== null;

/** A waiting previewer that is still connected, or a new one. */
function take(): ChildProcess {
  let previewer = idle.pop();
  while (previewer && !previewer.connected) previewer = idle.pop();
  previewer ??= start();
  previewer.ref();
  previewer.channel?.ref();
  return previewer;
}

/** Keeps a previewer for the next stack. It ends with this process, which need not wait for it. */
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
  // A process group of its own, so that a timeout also ends its children.
  return fork(join(import.meta.dirname, "previewer.ts"), { detached: true, execArgv, stdio: ["ignore", 2, 2, "ipc"] });
}

/**
 * Runs in a separate process, because it sets environment variables, which all stacks would share in this one.
 *
 * @returns why there is none, where the stack's file is wrong
 */
async function engineOf(stack: string): Promise<PreviewRequest["engine"] | string> {
  const words = [process.execPath, join(import.meta.dirname, "engine-of.ts"), stack];
  const { code, stdout, stderr } = await run(words, {});
  return code === 0 ? (JSON.parse(stdout) as PreviewRequest["engine"]) : stderr;
}
