import { UserError } from "../model/user-error.ts";
import { type AskOptions, askProgram, type ProgramResult } from "../process/run-program.ts";

/** The Docker Engine did not answer a query in time, so its objects may or may not exist. */
export class NoAnswerError extends UserError {}

/** Runs the docker client, so that DOCKER_HOST, contexts and ssh work as usual. Never throws. */
export function docker(words: readonly string[], options?: AskOptions): Promise<ProgramResult> {
  return askProgram("docker", words, options);
}

/**
 * The output of a docker command that lists or inspects; empty where it finds nothing or fails.
 *
 * @throws NoAnswerError when the command did not complete: an incomplete list lacks objects that exist
 */
export async function askDocker(words: readonly string[]): Promise<string> {
  const { stdout, incomplete } = await docker(words);
  if (incomplete === undefined) return stdout;
  throw new NoAnswerError(
    `\`docker ${words.join(" ")}\` ${incomplete}.\n  Fix: check the Docker Engine's load and its log (journalctl -u docker), then run this again`,
  );
}

/** The same output as lines. */
export async function listByDocker(words: readonly string[]): Promise<string[]> {
  return (await askDocker(words)).split("\n").filter(Boolean);
}

/**
 * The output of `docker inspect` for each of these names that exists.
 *
 * @throws NoAnswerError when the Docker Engine does not answer in time
 */
export async function inspect<T>(
  kind: "image" | "container" | "volume" | "network",
  names: readonly string[],
): Promise<T[]> {
  if (names.length === 0) return [];
  const answer = await askDocker([kind, "inspect", ...names]);
  return answer.trim() === "" ? [] : JSON.parse(answer);
}
