import { UserError } from "../model/user-error.ts";
import { docker } from "../observe/docker.ts";

/**
 * Runs a docker command that changes something, without a time limit.
 *
 * @throws UserError with the docker client's message when the command fails
 */
export async function changeByDocker(words: readonly string[]): Promise<void> {
  const { ok, stderr, startError } = await docker(words, { seconds: 0 });
  if (!ok) throw new UserError(`\`docker ${words.join(" ")}\` failed: ${stderr || startError}`);
}
