import { UserError } from "../model/user-error.ts";

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
      const isForUser = error instanceof UserError || isOption || isFile;
      console.error(isForUser ? `benchbox: ${(error as Error).message}` : error);
    },
  );
}
