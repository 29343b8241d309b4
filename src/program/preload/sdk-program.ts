const [, started = ""] = process.argv;

/** Whether this process runs a Pulumi program. What the program starts has the preload, too. */
export const isSdkProgram = started.endsWith("/@pulumi/pulumi/cmd/run/index.js");
