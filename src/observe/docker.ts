import { UserError } from "../model/user-error.ts";
import { type AskOptions, askProgram, type ProgramResult } from "../process/run-program.ts";

export type DockerResult = ProgramResult;

/** A question to the Docker Engine that has no answer: what is asked for may exist or not. */
export class NoAnswer extends UserError {}

/** Runs the docker client, which finds the engine as its user is used to: DOCKER_HOST, contexts, ssh. Never throws. */
export function docker(words: readonly string[], options?: AskOptions): Promise<DockerResult> {
  return askProgram("docker", words, options);
}

/**
 * The output of a docker command that lists or inspects; empty where it finds nothing or fails.
 *
 * @throws NoAnswer when it has not ended by itself: an incomplete list lacks things that exist
 */
export async function askDocker(words: readonly string[]): Promise<string> {
  const { stdout, incomplete } = await docker(words);
  if (incomplete === undefined) return stdout;
  throw new NoAnswer(
    `\`docker ${words.join(" ")}\` ${incomplete}.\n  Fix: check the Docker Engine's load and its log (journalctl -u docker), then run this again`,
  );
}

/** The same as lines. */
export async function listByDocker(words: readonly string[]): Promise<string[]> {
  return (await askDocker(words)).split("\n").filter(Boolean);
}
