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
  readonly machine: Pick<Machine, "storage" | "network">;
  /** The current container; undefined without one. */
  readonly seen: BoxContainer | undefined;
  /** Whether it is damaged in a way that only a new container fixes; see `Drift`. */
  readonly isDamaged: boolean;
  /** Whether a preview knows the image's name; if not, the Pulumi engine plans to replace the container. */
  readonly isImageKnown: boolean;
}

/**
 * Labels the container's arguments with the box's name and with a hash of themselves. The program does not see the Pulumi engine's plan,
 * but a container with another hash will be replaced. In that case it reports what would be lost before it registers the container, which
 * still exists then.
 */
export function markContainer(
  name: string,
  args: docker.ContainerArgs,
  { machine, seen, isDamaged, isImageKnown }: ContainerMarkArgs,
  parent: pulumi.Resource,
): docker.ContainerArgs {
  const isUnknown = !isImageKnown && pulumi.runtime.isDryRun(); // then `apply` below does not run
  const warned = seen !== undefined && isUnknown ? warnOfLoss(name, seen, machine, parent) : Promise.resolve();
  const declared = pulumi.all([pulumi.output(args), warned]).apply(async ([known]) => {
    const hash = declaredHash(known);
    const isReplaced = seen !== undefined && (isDamaged || !matchesHash(hash, seen.declared ?? ""));
    if (isReplaced && !isUnknown) await warnOfLoss(name, seen, machine, parent);
    return containerTrigger(hash, seen?.declared, isDamaged);
  });
  const labels = [
    { label: containerLabels.box, value: name },
    { label: containerLabels.declared, value: declared },
    ...(machine.network.kind === "existing" && machine.network.name
      ? [{ label: containerLabels.network, value: machine.network.name }]
      : []),
  ];
  return { ...args, labels };
}

async function warnOfLoss(
  name: string,
  seen: BoxContainer,
  { storage }: Pick<Machine, "storage">,
  parent: pulumi.Resource,
): Promise<void> {
  const places = storage.flatMap(({ key, path, hostPath }) => {
    const before = seen.mounted.get(path); // undefined for a place where nothing is mounted yet, and so no data is kept
    return before === undefined ? [] : [{ path, before, isSame: before === (hostPath ?? volumeName(name, key)) }];
  });
  const kept = places.filter(({ isSame }) => isSame).map(({ path }) => path);
  const left = [...places.filter(({ isSame }) => !isSame), ...formerHomes(name, seen, storage)].map(
    ({ path, before }) => `\nThe files in ${path} stay in ${before}, which the new container does not mount.`,
  );
  const files = await observeUnsavedFiles(seen);
  const text =
    files === undefined
      ? "The container will be replaced, but the Docker Engine does not report which files are in no volume (docker diff)."
      : describeUnsaved(files, kept);
  if (text !== "") await pulumi.log.warn(text + left.join(""), parent);
  else await pulumi.log.info(`The container will be replaced. Nothing in it would be lost.${left.join("")}`, parent);
}

/** The home volumes of removed users. */
function formerHomes(name: string, seen: BoxContainer, storage: Machine["storage"]) {
  return [...seen.mounted]
    .map(([path, before]) => ({ path, before }))
    .filter(({ path, before }) => before === volumeName(name, `home-${path.slice("/home/".length)}`))
    .filter(({ path }) => !storage.some((place) => place.path === path));
}
