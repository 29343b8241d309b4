import { UserError } from "../model/user-error.ts";
import { docker } from "../observe/docker.ts";
import { type StackState, volumesOf } from "./stack-state.ts";

/** The volumes of a box that are in the state but not on the Docker Engine; empty if the Docker Engine does not answer. */
export async function findLostVolumes(box: string, state: StackState): Promise<string[]> {
  const known = volumesOf(state, box);
  if (known.length === 0 || (await docker(["volume", "inspect", ...known])).ok) return [];
  // Either a volume is missing, or the Docker Engine does not answer. A list distinguishes the two, since it succeeds even if it is empty.
  const listed = await docker(["volume", "ls", "--quiet"]);
  if (!listed.ok) return []; // the program reports it
  const existing = listed.stdout.split("\n");
  return known.filter((volume) => !existing.includes(volume));
}

/**
 * Stops before the Docker provider silently replaces lost volumes, and their data, with empty ones.
 *
 * @returns whether to create volumes again, for which Pulumi needs a refresh
 * @throws UserError unless the user has accepted the loss (`--accept-lost-volumes`)
 */
export function acceptLostVolumes(stack: string, lost: readonly string[]): boolean {
  if (lost.length === 0) return false;
  if (process.env.BENCHBOX_LOST_VOLUMES === "accept") {
    console.error(`benchbox: recreating volumes, empty: ${lost.join(" ")}`);
    return true;
  }
  throw new UserError(`volumes of the box are gone from the Docker Engine, with all data in them; nothing was changed
  Gone: ${lost.join(" ")}
  - If you have a backup: recreate the volumes, empty, and restore it:
    npm run up -- ${stack} --accept-lost-volumes; npm run restore -- ${stack} FILE
  - If you have none: npm run up -- ${stack} --accept-lost-volumes
  - If another Docker Engine has them: check DOCKER_HOST (${process.env.DOCKER_HOST || "not set"})`);
}
