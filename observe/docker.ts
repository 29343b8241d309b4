import { execFile } from "node:child_process";

/** How long a look at the engine may take before we go on without it, in milliseconds. */
const timeLimit = 15_000;

export interface DockerResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The command could not be started, for example ENOENT when there is no docker client. */
  readonly startError?: string | undefined;
}

/** Runs the docker client, which finds the engine as its user is used to: DOCKER_HOST, contexts, ssh. Never throws. */
export function docker(words: readonly string[], stdin?: string): Promise<DockerResult> {
  return new Promise((resolve) => {
    const child = execFile(
      "docker",
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
