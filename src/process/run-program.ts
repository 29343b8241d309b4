import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { pipeline } from "node:stream/promises";

export interface ProgramResult {
  /** Whether the program exited by itself with code 0. */
  readonly ok: boolean;
  /** Undefined when the program could not be started or did not exit by itself. */
  readonly exitCode?: number | undefined;
  /** Empty when the result is incomplete. */
  readonly stdout: string;
  readonly stderr: string;
  /** Error code when the program could not be started, for example ENOENT when it does not exist. */
  readonly startError?: string | undefined;
  /** Why the program did not exit by itself. Such a result proves nothing, not even that the requested object does not exist. */
  readonly incomplete?: string | undefined;
}

export interface AskOptions {
  readonly stdin?: string | undefined;
  /** Time limit in seconds; 0 for none. @default 15 */
  readonly seconds?: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program and collects its output. Never rejects. */
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
        // The docker client (28) handles the signal of the time limit and exits with 0, after part of its output.
        if (child.killed || child.signalCode !== null) {
          const why = child.killed ? `did not answer within ${seconds} s` : `was killed by ${child.signalCode}`;
          resolve({ ok: false, stdout: "", stderr: `${program} ${why}`, startError, incomplete: why });
        } else {
          const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
          resolve({ ok: error === null, exitCode, stdout, stderr: stderr.trim(), startError });
        }
      },
    );
    child.stdin?.on("error", () => {}); // the child may exit before it has read everything; its exit code shows whether that is an error
    child.stdin?.end(stdin);
  });
}

export interface RunOptions extends Pick<SpawnOptions, "cwd" | "env" | "stdio"> {
  /** Rewrites the program's standard output, which is then a pipe instead of the terminal. */
  readonly rewrite?: ((text: AsyncIterable<string>) => AsyncIterable<string>) | undefined;
}

/**
 * Runs a program on this terminal until it exits. Ctrl-C reaches it directly; SIGTERM and SIGHUP are forwarded to it.
 *
 * @returns its exit code, or 128 plus the signal number when a signal killed it
 */
export function runProgram(
  program: string,
  words: readonly string[],
  { rewrite, ...options }: RunOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    let child: ChildProcess;
    const forward = (signal: NodeJS.Signals): void => {
      child.kill(signal);
    };
    const ignoreSignal = (): void => {};
    // Registered before the program starts: a signal may arrive as soon as it runs.
    process.on("SIGINT", ignoreSignal).on("SIGTERM", forward).on("SIGHUP", forward);
    const stdout = rewrite === undefined ? "inherit" : "pipe";
    child = spawn(program, words, { stdio: ["inherit", stdout, "inherit"], ...options });
    // A reader that exits early, such as `head`, closes the program's output as well.
    const printing =
      rewrite !== undefined && child.stdout !== null
        ? pipeline(child.stdout.setEncoding("utf8"), rewrite, process.stdout, { end: false }).catch(() => {})
        : undefined;
    child.once("error", reject);
    child.once("exit", async (code, signal) => {
      await printing;
      process.off("SIGINT", ignoreSignal).off("SIGTERM", forward).off("SIGHUP", forward);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
