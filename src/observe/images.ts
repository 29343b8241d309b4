import { askDocker, listByDocker } from "./docker.ts";

/** Labels that an image built here carries: under what it was built. They outlive the state and go with the image. */
export const imageLabels = {
  /** Hash of everything that was declared, the base by its declaration. */
  declared: "benchbox.image.declared",
  /** The trigger of the build itself. */
  trigger: "benchbox.image.trigger",
  /** The trigger under which its base was made or pulled. */
  baseTrigger: "benchbox.image.base-trigger",
  /** What its base was. */
  base: "benchbox.image.base",
} as const;

/** An image of a stack on the engine, as it was built. */
export interface BuiltImage {
  /** Name with tag; empty when only a container tells of the image. */
  readonly reference: string;
  readonly declared: string;
  readonly trigger: string;
  readonly baseTrigger: string;
  /** What its base was; undefined in images of before this was written down. */
  readonly base?: string | undefined;
  /** Lines `NAME=value`; undefined of an image that is still to be built. */
  readonly environment?: readonly string[] | undefined;
}

/** The labels of an image. One that was built without the last must not be given it: another label is another image. */
export function labelsOf({ declared, trigger, baseTrigger, base }: BuiltImage): Record<string, string> {
  return {
    [imageLabels.declared]: declared,
    [imageLabels.trigger]: trigger,
    [imageLabels.baseTrigger]: baseTrigger,
    ...(base !== undefined && { [imageLabels.base]: base }),
  };
}

/** What the engine says of an image, and of a container of what it was made of. */
export interface Inspected {
  readonly RepoTags?: readonly string[] | null;
  readonly Created: string;
  readonly Config: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Env?: readonly string[] | null;
  };
}

/**
 * The images of one stack that are on the engine under their own names, the newest first; what its container remembers
 * of the image it was made of comes last. A name that was moved to another image is not among them.
 */
export async function observeImages(name: string, container: Promise<Inspected | undefined>): Promise<BuiltImage[]> {
  const [images, made] = await Promise.all([imagesOf(name), container]);
  const built = images
    .sort((a, b) => b.Created.localeCompare(a.Created))
    .flatMap((image) => (image.RepoTags ?? []).map((reference) => ({ reference, image })))
    .filter(({ reference }) => reference.startsWith(`${name}:`));
  const remembered = made === undefined ? [] : [{ reference: "", image: made }];
  return [...built, ...remembered].flatMap(({ reference, image }) => {
    const { Labels: labels, Env: environment } = image.Config;
    const declared = labels?.[imageLabels.declared];
    const trigger = labels?.[imageLabels.trigger];
    const baseTrigger = labels?.[imageLabels.baseTrigger];
    if (!labels || !declared || !trigger || !baseTrigger) return [];
    const isMoved = reference !== "" && !trigger.startsWith(reference.slice(name.length + 1));
    return isMoved
      ? []
      : [{ reference, declared, trigger, baseTrigger, base: labels[imageLabels.base], environment: environment ?? [] }];
  });
}

/** The environment that an image brings, as lines `NAME=value`. */
export async function environmentOf(reference: string): Promise<readonly string[]> {
  const [image] = await inspect<Inspected>("image", [reference]);
  return image?.Config.Env ?? [];
}

async function imagesOf(name: string): Promise<Inspected[]> {
  const ids = await listByDocker(["image", "ls", "--quiet", "--no-trunc", "--filter", `reference=${name}:*`]);
  return inspect<Inspected>("image", [...new Set(ids)]);
}

/** What `docker inspect` says of each; of those that are not there, nothing.
 *
 * @throws NoAnswer
 */
export async function inspect<T>(
  kind: "image" | "container" | "volume" | "network",
  names: readonly string[],
): Promise<T[]> {
  if (names.length === 0) return [];
  const answer = await askDocker([kind, "inspect", ...names]);
  return answer.trim() === "" ? [] : JSON.parse(answer);
}
