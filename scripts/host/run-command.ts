import { ConfigurationError } from "../../config/problem.ts";
import { NoAnswer } from "../../observe/docker.ts";

/** What ends a command for people: a sentence that says what is wrong, and what to do. */
export class Told extends Error {}

/** Runs a command to its exit code. What was asked wrongly, or cannot be, is a sentence and 1; anything else is shown as it is. */
export function runCommand(main: () => Promise<number>): void {
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.exitCode = 1;
      const isOption = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
      // Of the system, with the file that it is about.
      const isFile = error instanceof Error && "syscall" in error && "path" in error;
      const isTold = [Told, ConfigurationError, NoAnswer].some((kind) => error instanceof kind) || isOption || isFile;
      console.error(isTold ? `benchbox: ${(error as Error).message}` : error);
    },
  );
}
