// The state remembers the name of a container and does not check it: a container that was renamed would be replaced, with all that is
// in it, and one that was removed is missed only by a refresh. `up` repairs what it can; the program reports the rest.

import { containerLabels } from "../model/container-mark.ts";
import { UserError } from "../model/user-error.ts";
import { askDocker, docker } from "../observe/docker.ts";
import { knowsId, knowsResource, type StackState } from "./stack-state.ts";

/** What has the name of the box's container, or would have it. */
export type FoundContainer =
  | { readonly kind: "own"; readonly isDetached: boolean }
  /** Created by hand from the stack's image, in the way of the stack's own. */
  | { readonly kind: "by-hand"; readonly id: string }
  /** The stack's own, under other names; none of them is a container that was removed. */
  | { readonly kind: "absent"; readonly renamed: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string };

interface Inspected {
  readonly Id: string;
  readonly Config: { readonly Image: string; readonly Labels?: Readonly<Record<string, string>> | null };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

export async function findContainer(box: string, state: StackState): Promise<FoundContainer> {
  const inspected = (await askDocker(["container", "inspect", "--format", "{{json .}}", box])).trim();
  if (inspected !== "") return classify(box, state, JSON.parse(inspected));
  const words = ["--all", "--filter", `label=${containerLabels.box}=${box}`, "--format", "{{.Names}}"];
  const { ok, stdout, stderr, startError } = await docker(["container", "ls", ...words]);
  if (!ok) return { kind: "unknown", reason: stderr.split("\n").at(-1) || startError || "" };
  return { kind: "absent", renamed: stdout.split("\n").filter(Boolean) };
}

function classify(box: string, state: StackState, { Id, Config, NetworkSettings }: Inspected): FoundContainer {
  const isMarked = Boolean(Config.Labels?.[containerLabels.box]);
  const isOfImage = Config.Image.startsWith(`${box}:`);
  if (!isMarked && isOfImage && knowsResource(state, "Container", `${box}-container`) && !knowsId(state, Id))
    return { kind: "by-hand", id: Id };
  return { kind: "own", isDetached: !(box in NetworkSettings.Networks) };
}

/**
 * Gives the box its container back, as far as that takes no new one.
 *
 * @param isConfirmed whether the user has agreed to whatever follows
 * @throws UserError when the user does not agree
 */
export async function repairContainer(box: string, found: FoundContainer, isConfirmed: boolean): Promise<void> {
  if (found.kind === "own" && found.isDetached) {
    const { repairNetwork } = await import("../resources/box-network.ts");
    await repairNetwork(box);
  } else if (found.kind === "by-hand") await setAside(box, found.id, isConfirmed);
  else if (found.kind === "absent" && found.renamed.length === 1) {
    const [name = ""] = found.renamed;
    await changeContainer(["rename", name, box]);
    console.error(`benchbox: renamed the container ${name} back to ${box}`);
  }
}

/** Whether only a refresh sees what has become of the container. */
export const needsRefresh = (found: FoundContainer): boolean =>
  found.kind === "by-hand" || (found.kind === "absent" && found.renamed.length === 0);

/** Stops it and keeps it under another name. */
async function setAside(box: string, id: string, isConfirmed: boolean): Promise<void> {
  const aside = `${box}-by-hand-${id.slice(0, 12)}`;
  const { confirm, isInteractive } = await import("../process/prompt.ts");
  // The Pulumi CLI asks later, and what runs in the container is ended before that.
  if (!isConfirmed && isInteractive())
    await confirm(`The container ${box} was created by hand. It will be stopped and kept as ${aside}.`, "--yes");
  await changeContainer(["stop", "--time", "10", box]);
  await changeContainer(["rename", box, aside]);
  console.error(
    `benchbox: the container that was created by hand is stopped and kept as ${aside}; remove it when you no longer need it: docker rm ${aside}`,
  );
}

async function changeContainer(words: readonly string[]): Promise<void> {
  const { changeByDocker } = await import("../resources/change-by-docker.ts");
  await changeByDocker(words);
}

/**
 * The program reports an engine that does not answer. A refresh comes before the program and asks the Docker provider, which does not
 * start then and reports each volume, at length.
 *
 * @throws UserError
 */
export function refuseRefresh(stack: string, reason: string): never {
  throw new UserError(`stack ${stack} was not refreshed: the Docker Engine does not answer; nothing was changed
  It reports: ${reason}
  Fix: npm run doctor -- ${stack}`);
}
