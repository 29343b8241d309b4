import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../config/machine.ts";
import { containerLabels, declaredHash } from "../lib/container-mark.ts";
import { describeUnsaved } from "../lib/unsaved-files.ts";
import type { BoxContainer } from "../observe/box.ts";
import { observeUnsavedFiles } from "../observe/unsaved-files.ts";

/**
 * Labels the container's arguments with the box's name and with a hash of themselves. The program does not see the
 * engine's plan, but a container that carries another hash is going to be replaced: then it says what would be lost,
 * before the engine is told of the container, so that it is still there to be looked at.
 *
 * @param seen the container that is there; undefined when there is none
 */
export function markContainer(
  name: string,
  args: docker.ContainerArgs,
  machine: Pick<Machine, "storage">,
  seen: BoxContainer | undefined,
  parent: pulumi.Resource,
): docker.ContainerArgs {
  const declared = pulumi.output(args).apply(async (known) => {
    const hash = declaredHash(known as Record<string, unknown>);
    if (seen !== undefined && seen.declared !== hash) await warn(seen, machine, parent);
    return hash;
  });
  const labels = [
    { label: containerLabels.box, value: name },
    { label: containerLabels.declared, value: declared },
  ];
  return { ...args, labels };
}

async function warn(seen: BoxContainer, { storage }: Pick<Machine, "storage">, parent: pulumi.Resource): Promise<void> {
  // What is mounted now stays as it is; a place that is not, is no place to keep things yet.
  const kept = storage.map(({ path }) => path).filter((path) => seen.mounted.includes(path));
  const files = await observeUnsavedFiles(seen);
  const text =
    files === undefined
      ? "The container will be replaced, and the engine does not say what in it is in no volume (docker diff)."
      : describeUnsaved(files, kept);
  if (text === "") await pulumi.log.info("The container will be replaced. Nothing in it would be lost.", parent);
  else await pulumi.log.warn(text, parent);
}
