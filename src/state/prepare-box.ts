import { UserError } from "../model/user-error.ts";
import { findContainer, needsRefresh, repairContainer } from "./box-container.ts";
import type { CliWords } from "./cli-words.ts";
import { refuseForeignBox } from "./foreign-box.ts";
import { acceptLostVolumes, findLostVolumes } from "./lost-volumes.ts";
import { boxName } from "./project.ts";
import { needsRecovery, recoverFromKill } from "./recovery.ts";
import { readStackState, type StackState } from "./stack-state.ts";
import { isLocked } from "./stale-locks.ts";

/**
 * Checks the Docker Engine's objects under the box's name before a Pulumi command, and repairs them before an `up`.
 *
 * @returns whether the command must refresh the state to detect a change
 * @throws UserError when the command would lose data, or change a box of another clone
 */
export async function prepareBox(stack: string, { command, isConfirmed, isRefresh }: CliWords): Promise<boolean> {
  const box = boxName(stack);
  const isUp = command === "up";
  const isPreview = command === "preview";
  const before = await readStackState(stack);
  if (isUp || isPreview) await refuseForeignBox(stack, box, before);
  const state = isPreview ? before : await recovered(stack, before); // a preview changes nothing
  if (!isUp && !isPreview) return false;

  const [found, lost] = await Promise.all([findContainer(box, state), findLostVolumes(box, state)]);
  if (found.kind === "unknown") {
    if (!isRefresh) return false; // the program reports it
    // A refresh comes before the program, and the Docker provider would print a long error for each volume.
    throw new UserError(`refreshing the stack ${stack} failed: the Docker Engine does not answer; nothing was changed
  Error: ${found.reason}
  Fix: npm run doctor -- ${stack}`);
  }
  const areCreated = acceptLostVolumes(stack, lost);
  if (isUp) await repairContainer(box, found, isConfirmed);
  return areCreated || needsRefresh(found);
}

/** The state after cleaning up after a killed run. While the stack is locked, an unfinished creation belongs to a live run and stays. */
async function recovered(stack: string, state: StackState): Promise<StackState> {
  if (!needsRecovery(state) || isLocked(stack)) return state;
  await recoverFromKill(stack);
  return readStackState(stack);
}
