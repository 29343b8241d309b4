/** What the user must know to go on; shown without a stack trace. */
export class Problem extends Error {}

/** Runs a command's `main` and shows a problem as a sentence. */
export async function withProblems(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const isFile = error instanceof Error && "syscall" in error && "path" in error;
    if (!(error instanceof Problem || isFile)) throw error;
    console.error(`benchbox: ${error.message}`);
    process.exitCode = 1;
  }
}
