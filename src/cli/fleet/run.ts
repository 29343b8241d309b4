import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";

export interface RunResult {
  /** The exit code; -1 for a timeout. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Seconds after which it is killed with its children; undefined for no limit. */
  readonly seconds?: number | undefined;
  /** A file for its output, readable only by its owner. */
  readonly log?: string | undefined;
}

/** Runs a program of this clone and waits for it. */
export function run(words: readonly string[], { seconds, log }: RunOptions): Promise<RunResult> {
  const [program = "", ...rest] = words;
  // A process group of its own, so that a timeout also ends its children.
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const texts = { stdout: "", stderr: "" };
  if (log !== undefined) mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const file = log === undefined ? undefined : createWriteStream(log, { mode: 0o600 });
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      file?.write(text);
    });
  }
  const timeout = seconds === undefined ? undefined : startTimeout(seconds, child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      timeout?.cancel();
      file?.end();
      resolve({ code: timeout?.hasExpired() ? -1 : (code ?? 1), ...texts });
    });
  });
}

/** Kills a process with its group after a number of seconds. */
export function startTimeout(seconds: number, { pid }: ChildProcess): { hasExpired(): boolean; cancel(): void } {
  let hasExpired = false;
  const timer = setTimeout(() => {
    hasExpired = true;
    // Safe, because programs with a timeout change nothing; and a docker client that waits for a dead engine ignores SIGTERM.
    if (pid) process.kill(-pid, "SIGKILL");
  }, seconds * 1000);
  return { hasExpired: () => hasExpired, cancel: () => clearTimeout(timer) };
}

/** Runs `work` for each of `all`, at most `jobs` at a time. */
export async function runConcurrently<T>(
  all: readonly T[],
  jobs: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, all.length) }, worker));
}
