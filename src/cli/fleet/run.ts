import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";

export interface RunResult {
  /** The exit code; -1 for a timeout. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of this clone and waits for it.
 *
 * @param seconds the time after which it is killed with its children
 * @param log a descriptor of a file for its output, which the result does not have then
 */
export async function run(
  [program = "", ...words]: readonly string[],
  { seconds, log = "pipe" }: { readonly seconds?: number; readonly log?: number | "pipe" },
): Promise<RunResult> {
  // A process group of its own, so that a timeout also ends its children.
  const child = spawn(program, words, { stdio: ["ignore", log, log], detached: true });
  const hasExpired = seconds === undefined ? () => false : killAfter(seconds, child);
  const read = (stream: Readable | null) => (stream === null ? "" : text(stream));
  const [stdout, stderr, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, "close")]);
  return { code: hasExpired() ? -1 : (code ?? 1), stdout, stderr };
}

/**
 * Kills a process with its group after a number of seconds.
 *
 * @returns a function that cancels that, and returns whether it has happened
 */
export function killAfter(seconds: number, { pid }: ChildProcess): () => boolean {
  let hasExpired = false;
  const timer = setTimeout(() => {
    hasExpired = true;
    // Safe, because programs with a timeout change nothing; and a docker client that waits for a dead engine ignores SIGTERM.
    if (pid) process.kill(-pid, "SIGKILL");
  }, seconds * 1000);
  return () => {
    clearTimeout(timer);
    return hasExpired;
  };
}

/** Parses the JSON at the end of a command's output; undefined without any. */
export function findJson<T>(text: string): T | undefined {
  const start = text.startsWith("{") ? 0 : text.indexOf("\n{") + 1;
  try {
    return JSON.parse(text.slice(start)) as T;
  } catch {
    return undefined;
  }
}
