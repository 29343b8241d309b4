// Ctrl-C closes the Pulumi engine's resource monitor while the program may still register resources. The SDK reports such a registration
// as an unhandled exception of the program, with a stack trace. The CLI has already printed that the run is canceled, so the program
// exits silently.

/** The exit code of a program that has printed its errors; the language host adds nothing to it. Source: the SDK's cmd/run/index.js. */
const alreadyReported = 32;

// Before the SDK's own handlers.
process.prependListener("unhandledRejection", exitIfCancelled);
process.prependListener("uncaughtException", exitIfCancelled);

function exitIfCancelled(error: unknown): void {
  if (error instanceof Error && error.message === "Resource monitor is terminating") process.exit(alreadyReported);
}
