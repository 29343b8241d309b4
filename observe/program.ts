import { execFile } from "node:child_process";

/** How long a question may take before we go on without an answer, in milliseconds. */
const timeLimit = 15_000;

export interface ProgramResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The program could not be started, for example ENOENT when there is none. */
  readonly startError?: string | undefined;
}

/** Asks a program something and never throws. */
export function askProgram(program: string, words: readonly string[], stdin?: string): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      words,
      { encoding: "utf8", timeout: timeLimit, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        const startError = typeof error?.code === "string" ? error.code : undefined;
        resolve({ ok: error === null, stdout, stderr: stderr.trim(), startError });
      },
    );
    child.stdin?.on("error", () => {}); // the child may end before it has read everything; its exit code tells
    child.stdin?.end(stdin);
  });
}
