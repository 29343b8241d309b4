import { UserError } from "../model/user-error.ts";

/** Runs a command and sets the exit code. An error for the user is printed as a message, any other with its stack trace; both set 1. */
export function runCommand(main: () => Promise<number>): void {
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.exitCode = 1;
      const isOption = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
      // A system error whose message names the file.
      const isFile = error instanceof Error && "syscall" in error && "path" in error;
      const isForUser = error instanceof UserError || isOption || isFile;
      console.error(isForUser ? `benchbox: ${(error as Error).message}` : error);
    },
  );
}
