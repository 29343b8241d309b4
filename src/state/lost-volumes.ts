import { UserError } from "../model/user-error.ts";
import { docker } from "../observe/docker.ts";
import { type StackState, volumesOf } from "./stack-state.ts";

/** The volumes of a box that the state knows and the Docker Engine does not have; none where the engine does not answer. */
export async function findLostVolumes(box: string, state: StackState): Promise<string[]> {
  const known = volumesOf(state, box);
  if (known.length === 0 || (await docker(["volume", "inspect", ...known])).ok) return [];
  // Not all of them, or no answer, which a list tells apart: it is no error for it to be empty.
  const listed = await docker(["volume", "ls", "--quiet"]);
  if (!listed.ok) return []; // the program reports it
  const existing = listed.stdout.split("\n");
  return known.filter((volume) => !existing.includes(volume));
}

/**
 * A volume that is gone has taken its data along. The Docker provider would create an empty one in its place without a word.
 *
 * @returns whether volumes are to be created anew, which takes a refresh to see
 * @throws UserError unless the user has accepted the loss
 */
export function acceptLostVolumes(stack: string, lost: readonly string[]): boolean {
  if (lost.length === 0) return false;
  if (process.env.BENCHBOX_LOST_VOLUMES === "accept") {
    console.error(`benchbox: creating volumes anew, empty: ${lost.join(" ")}`);
    return true;
  }
  throw new UserError(`volumes of the box are gone from the Docker Engine, with all data in them; nothing was changed.
  Gone: ${lost.join(" ")}
  - You have a backup: create them anew, empty, and restore it:
    npm run up -- ${stack} --accept-lost-volumes; npm run restore -- ${stack} FILE
  - You have none: npm run up -- ${stack} --accept-lost-volumes
  - Another Docker Engine has them: is DOCKER_HOST right (${process.env.DOCKER_HOST || "not set"})?`);
}
