import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";

export interface Ran {
  /** -1: it was ended since it took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Seconds after which it is ended with all that it started; undefined for as long as it takes. */
  readonly seconds?: number | undefined;
  /** A file that gets what it says, readable by its owner alone. */
  readonly log?: string | undefined;
}

/** Runs a program of this clone to its end. */
export function run(words: readonly string[], { seconds, log }: RunOptions): Promise<Ran> {
  const [program = "", ...rest] = words;
  // A group of its own, so that a limit ends what it started, too.
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
  const limit = seconds === undefined ? undefined : limitTo(seconds, child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      limit?.lift();
      file?.end();
      resolve({ code: limit?.isOver() ? -1 : (code ?? 1), ...texts });
    });
  });
}

/** A process's time: when it is over, the process is ended with all of its group. */
export function limitTo(seconds: number, { pid }: ChildProcess): { isOver(): boolean; lift(): void } {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    // What has a limit only looks, and a CLI that waits for a dead engine heeds no softer word.
    if (pid) process.kill(-pid, "SIGKILL");
  }, seconds * 1000);
  return { isOver: () => isOver, lift: () => clearTimeout(timer) };
}

/** Works through all of them, so many at a time. */
export async function eachOf<T>(all: readonly T[], jobs: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, all.length) }, worker));
}
