import { UserError } from "../model/user-error.ts";

/** Why a part could not be set up: printed without a stack trace. */
export class SetupError extends UserError {
  /** Path of a log with details, of which set-up prints the last lines. */
  readonly log: string | undefined;

  constructor(message: string, log?: string) {
    super(message);
    this.log = log;
  }
}

/** The message for anything thrown, with a fix for a full disk and for a path without write access. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof SetupError) return thrown.message;
  const error = thrown as NodeJS.ErrnoException;
  if (error.code === "ENOSPC") {
    return `the disk is full (${error.path ?? "unknown path"})\n  Fix: free some space, then run this command again`;
  }
  if (error.code === "EACCES" || error.code === "EROFS") {
    return `cannot write ${error.path ?? "a file"}\n  Fix: set BENCHBOX_CACHE to a folder that you can write to`;
  }
  return error.message ?? String(thrown);
}
