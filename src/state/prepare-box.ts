import { findContainer, needsRefresh, refuseRefresh, repairContainer } from "./box-container.ts";
import type { CliWords } from "./cli-words.ts";
import { refuseForeignBox } from "./foreign-box.ts";
import { isLocked } from "./locks.ts";
import { acceptLostVolumes, findLostVolumes } from "./lost-volumes.ts";
import { boxName } from "./project.ts";
import { needsRecovery, recoverFromKill } from "./recovery.ts";
import { readStackState, type StackState } from "./stack-state.ts";

/**
 * Checks what the Docker Engine has under the box's name before a command of Pulumi's, and repairs it before an `up`.
 *
 * @returns whether the command must refresh the state to see it
 * @throws UserError where the command would change what is not this clone's, or lose data
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
    if (isRefresh) refuseRefresh(stack, found.reason);
    return false;
  }
  const areCreated = acceptLostVolumes(stack, lost);
  if (isUp) await repairContainer(box, found, isConfirmed);
  return areCreated || needsRefresh(found);
}

/** The state without what a killed run left. While a lock is held, an unfinished creation is a living run's, and not to be touched. */
async function recovered(stack: string, state: StackState): Promise<StackState> {
  if (!needsRecovery(state) || isLocked(stack)) return state;
  await recoverFromKill(stack);
  return readStackState(stack);
}
