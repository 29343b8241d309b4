import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { pipeline } from "node:stream/promises";

export interface ProgramResult {
  /** Whether the program ended by itself, with exit code 0. */
  readonly ok: boolean;
  /** Empty where the result is incomplete. */
  readonly stdout: string;
  readonly stderr: string;
  /** The program could not be started, for example ENOENT when there is none. */
  readonly startError?: string | undefined;
  /** Why the program did not end by itself. Nothing follows from such a result, not even that what it asked for does not exist. */
  readonly incomplete?: string | undefined;
}

export interface AskOptions {
  readonly stdin?: string | undefined;
  /** Seconds after which the program is ended; 0 for never. @default 15 */
  readonly seconds?: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program that answers a question. Never throws. */
export function askProgram(
  program: string,
  words: readonly string[],
  { stdin, seconds = 15, ...options }: AskOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      words,
      { ...options, encoding: "utf8", timeout: seconds * 1000, maxBuffer: 256 << 20 },
      (error, stdout, stderr) => {
        const startError = typeof error?.code === "string" ? error.code : undefined;
        // Docker's client (28) handles the signal of a time limit and exits with 0, after half of its output.
        if (child.killed || child.signalCode !== null) {
          const why = child.killed ? `did not answer within ${seconds} s` : `was ended by ${child.signalCode}`;
          resolve({ ok: false, stdout: "", stderr: `${program} ${why}`, startError, incomplete: why });
        } else resolve({ ok: error === null, stdout, stderr: stderr.trim(), startError });
      },
    );
    child.stdin?.on("error", () => {}); // the child may end before it has read everything; its exit code tells
    child.stdin?.end(stdin);
  });
}

export interface RunOptions extends Pick<SpawnOptions, "cwd" | "env" | "stdio"> {
  /** Rewrites what the program prints to standard output, which is a pipe to it then. */
  readonly rewrite?: ((text: AsyncIterable<string>) => AsyncIterable<string>) | undefined;
}

/**
 * Runs a program on this terminal to its end. Ctrl-C reaches it by itself; what ends us is handed on to it.
 *
 * @returns its exit code; 128 and the number of the signal where one ended it
 */
export function runProgram(
  program: string,
  words: readonly string[],
  { rewrite, ...options }: RunOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    let child: ChildProcess;
    const handOn = (signal: NodeJS.Signals): void => {
      child.kill(signal);
    };
    const leaveToChild = (): void => {};
    // Before the program starts: a signal may come as soon as it runs.
    process.on("SIGINT", leaveToChild).on("SIGTERM", handOn).on("SIGHUP", handOn);
    const stdout = rewrite === undefined ? "inherit" : "pipe";
    child = spawn(program, words, { stdio: ["inherit", stdout, "inherit"], ...options });
    // A reader that goes away, as `head` does, closes the program's output, too.
    const isPrinted =
      rewrite !== undefined && child.stdout !== null
        ? pipeline(child.stdout.setEncoding("utf8"), rewrite, process.stdout, { end: false }).catch(() => {})
        : undefined;
    child.once("error", reject);
    child.once("exit", async (code, signal) => {
      await isPrinted;
      process.off("SIGINT", leaveToChild).off("SIGTERM", handOn).off("SIGHUP", handOn);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
