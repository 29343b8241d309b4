// Pulumi does not check that the container in its state still has its name. It would replace a renamed container and lose its contents, and
// only a refresh detects a removed one. `up` repairs what it can; the program reports the rest.

import { containerLabels, missingNetwork, type OnNetworks } from "../model/container-mark.ts";
import { docker, inspect } from "../observe/docker.ts";
import { changeByDocker } from "../resources/change-by-docker.ts";
import { knowsId, knowsResource, type StackState } from "./stack-state.ts";

/** The container that has the name of the box's container, or that should have it. */
export type FoundContainer =
  | { readonly kind: "own"; readonly isDetached: boolean }
  /** A container that was created by hand from the stack's image and has the name of the stack's own. */
  | { readonly kind: "by-hand"; readonly id: string }
  /** No container has the name. `renamed` lists the stack's own containers under other names; it is empty if the container was removed. */
  | { readonly kind: "absent"; readonly renamed: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string };

interface Inspected extends OnNetworks {
  readonly Id: string;
  readonly Config: OnNetworks["Config"] & { readonly Image: string };
}

export async function findContainer(box: string, state: StackState): Promise<FoundContainer> {
  const [container] = await inspect<Inspected>("container", [box]);
  if (container !== undefined) return classify(box, state, container);
  const words = ["--all", "--filter", `label=${containerLabels.box}=${box}`, "--format", "{{.Names}}"];
  const { ok, stdout, stderr, startError } = await docker(["container", "ls", ...words]);
  if (!ok) return { kind: "unknown", reason: stderr.split("\n").at(-1) || startError || "" };
  return { kind: "absent", renamed: stdout.split("\n").filter(Boolean) };
}

function classify(box: string, state: StackState, inspected: Inspected): FoundContainer {
  const { Id, Config } = inspected;
  const isMarked = Boolean(Config.Labels?.[containerLabels.box]);
  const isOfImage = Config.Image.startsWith(`${box}:`);
  if (!isMarked && isOfImage && knowsResource(state, "Container", `${box}-container`) && !knowsId(state, Id))
    return { kind: "by-hand", id: Id };
  return { kind: "own", isDetached: missingNetwork(box, inspected) !== undefined };
}

/**
 * Restores the box's container, as far as that requires no new one.
 *
 * @param isConfirmed whether the user has already agreed (`--yes`)
 * @throws UserError when the user declines
 */
export async function repairContainer(box: string, found: FoundContainer, isConfirmed: boolean): Promise<void> {
  if (found.kind === "own" && found.isDetached) {
    const { repairNetwork } = await import("../resources/box-network.ts");
    await repairNetwork(box);
  } else if (found.kind === "by-hand") await setAside(box, found.id, isConfirmed);
  else if (found.kind === "absent" && found.renamed.length === 1) {
    const [name = ""] = found.renamed;
    await changeByDocker(["rename", name, box]);
    console.error(`benchbox: renamed the container ${name} back to ${box}`);
  }
}

/** Whether Pulumi needs a refresh to detect the change to the container. */
export const needsRefresh = (found: FoundContainer): boolean =>
  found.kind === "by-hand" || (found.kind === "absent" && found.renamed.length === 0);

/** Stops the container and keeps it under another name. */
async function setAside(box: string, id: string, isConfirmed: boolean): Promise<void> {
  const aside = `${box}-by-hand-${id.slice(0, 12)}`;
  const { confirm, isInteractive } = await import("../process/prompt.ts");
  // The Pulumi CLI asks later, when the container's processes have already ended.
  if (!isConfirmed && isInteractive())
    await confirm(`The container ${box} was created by hand. It will be stopped and kept as ${aside}.`, "--yes");
  await changeByDocker(["stop", "--time", "10", box]);
  await changeByDocker(["rename", box, aside]);
  console.error(
    `benchbox: stopped the container that was created by hand, and kept it as ${aside}\n  To remove it: docker rm ${aside}`,
  );
}
