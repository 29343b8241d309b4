import { UserError } from "../model/user-error.ts";
import { docker } from "../observe/docker.ts";

/**
 * Runs a docker command that changes something, however long it takes.
 *
 * @throws UserError with what the client says when it fails
 */
export async function changeByDocker(words: readonly string[]): Promise<void> {
  const { ok, stderr, startError } = await docker(words, { seconds: 0 });
  if (!ok) throw new UserError(`\`docker ${words.join(" ")}\` failed: ${stderr || startError}`);
}
