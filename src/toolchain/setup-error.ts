/** Something that the reader can mend: printed as it stands, without a stack. */
export class Problem extends Error {
  /** A log that says more. */
  readonly log: string | undefined;

  constructor(message: string, log?: string) {
    super(message);
    this.log = log;
  }
}

/** The sentence of anything thrown. */
export function sentenceOf(thrown: unknown): string {
  if (thrown instanceof Problem) return thrown.message;
  const error = thrown as NodeJS.ErrnoException;
  if (error.code === "ENOSPC")
    return `The disk is full (${error.path ?? "no path given"}). Free some space and run this again.`;
  if (error.code === "EACCES" || error.code === "EROFS") {
    return `${error.path ?? "A file"} cannot be written. Set BENCHBOX_CACHE to a folder you can write.`;
  }
  return error.message ?? String(thrown);
}
