const [, started = ""] = process.argv;

/** Whether this process runs a Pulumi program. Its child processes inherit the preload. */
export const isSdkProgram = started.endsWith("/@pulumi/pulumi/cmd/run/index.js");
