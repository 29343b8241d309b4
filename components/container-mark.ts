import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerLabels, declaredHash } from "../src/model/container-mark.ts";
import type { Machine } from "../src/model/machine.ts";
import { describeUnsaved } from "../src/model/unsaved-files.ts";
import { volumeName } from "../src/model/volume-name.ts";
import type { BoxContainer } from "../src/observe/box-observation.ts";
import { observeUnsavedFiles } from "../src/observe/unsaved-files.ts";
import { containerTrigger, matchesHash } from "../src/plan/trigger.ts";

export interface ContainerMarkArgs {
  readonly machine: Pick<Machine, "storage">;
  /** The container that is there; undefined when there is none. */
  readonly seen: BoxContainer | undefined;
  /** Whether it lacks what only a new one would have. */
  readonly isDamaged: boolean;
  /** Whether its image's name is known in a preview, too: if not, the engine plans to replace it. */
  readonly isImageKnown: boolean;
}

/**
 * Labels the container's arguments with the box's name and with a hash of themselves. The program does not see the
 * engine's plan, but a container that carries another hash is going to be replaced: then it says what would be lost,
 * before the engine is told of the container, so that it is still there to be looked at.
 */
export function markContainer(
  name: string,
  args: docker.ContainerArgs,
  { machine, seen, isDamaged, isImageKnown }: ContainerMarkArgs,
  parent: pulumi.Resource,
): docker.ContainerArgs {
  const isUnknown = !isImageKnown && pulumi.runtime.isDryRun(); // then nothing is applied to the arguments
  const said = seen !== undefined && isUnknown ? warn(name, seen, machine, parent) : Promise.resolve();
  const declared = pulumi.all([pulumi.output(args), said]).apply(async ([known]) => {
    const hash = declaredHash(known);
    const isReplaced = seen !== undefined && (isDamaged || !matchesHash(hash, seen.declared ?? ""));
    if (isReplaced && !isUnknown) await warn(name, seen, machine, parent);
    return containerTrigger(hash, seen?.declared, isDamaged);
  });
  const labels = [
    { label: containerLabels.box, value: name },
    { label: containerLabels.declared, value: declared },
  ];
  return { ...args, labels };
}

async function warn(
  name: string,
  seen: BoxContainer,
  { storage }: Pick<Machine, "storage">,
  parent: pulumi.Resource,
): Promise<void> {
  const places = storage.flatMap(({ key, path, hostPath }) => {
    const before = seen.mounted.get(path); // a place where nothing is mounted yet is no place to keep things
    return before === undefined ? [] : [{ path, before, isSame: before === (hostPath ?? volumeName(name, key)) }];
  });
  const kept = places.filter(({ isSame }) => isSame).map(({ path }) => path);
  const left = [...places.filter(({ isSame }) => !isSame), ...formerHomes(name, seen, storage)].map(
    ({ path, before }) => `\nWhat is in ${path} stays in ${before}, which the new container does not have.`,
  );
  const files = await observeUnsavedFiles(seen);
  const text =
    files === undefined
      ? "The container will be replaced, and the engine does not say what in it is in no volume (docker diff)."
      : describeUnsaved(files, kept);
  if (text !== "") await pulumi.log.warn(text + left.join(""), parent);
  else await pulumi.log.info(`The container will be replaced. Nothing in it would be lost.${left.join("")}`, parent);
}

/** The volumes of users who are none any more. */
function formerHomes(name: string, seen: BoxContainer, storage: Machine["storage"]) {
  return [...seen.mounted]
    .map(([path, before]) => ({ path, before }))
    .filter(({ path, before }) => before === volumeName(name, `home-${path.slice("/home/".length)}`))
    .filter(({ path }) => !storage.some((place) => place.path === path));
}
