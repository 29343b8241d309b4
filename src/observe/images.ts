import { inspect, listByDocker } from "./docker.ts";

/** Labels that record the input of an image's build. They outlive the state and are deleted with the image. */
export const imageLabels = {
  /** Hash of the configuration, including that of the base. */
  declared: "benchbox.image.declared",
  /** The trigger of the build. */
  trigger: "benchbox.image.trigger",
  /** The trigger under which its base was created or pulled. */
  baseTrigger: "benchbox.image.base-trigger",
  /** Identity of its base. */
  base: "benchbox.image.base",
} as const;

/** An image of a stack on the Docker Engine, with the input of its build. */
export interface BuiltImage {
  /** Name with tag; empty when only a container still refers to the image. */
  readonly reference: string;
  readonly declared: string;
  readonly trigger: string;
  readonly baseTrigger: string;
  /** Identity of its base; undefined for an image older than this label. */
  readonly base?: string | undefined;
  /** Lines `NAME=value`; undefined for an image that is not built yet. */
  readonly environment?: readonly string[] | undefined;
}

/** The labels of an image. An image built without the last one must stay without it: another label is another image. */
export function labelsOf({ declared, trigger, baseTrigger, base }: BuiltImage): Record<string, string> {
  return {
    [imageLabels.declared]: declared,
    [imageLabels.trigger]: trigger,
    [imageLabels.baseTrigger]: baseTrigger,
    ...(base !== undefined && { [imageLabels.base]: base }),
  };
}

/** The parts of `docker inspect` that benchbox reads, which images and containers have in common. */
export interface Inspected {
  readonly RepoTags?: readonly string[] | null;
  readonly Created: string;
  readonly Config: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Env?: readonly string[] | null;
  };
}

/**
 * The images of one stack on the Docker Engine, newest first, then the image that its container was created from, as the container
 * records it. Leaves out names that now belong to another image.
 */
export async function observeImages(name: string, container: Promise<Inspected | undefined>): Promise<BuiltImage[]> {
  const [images, created] = await Promise.all([imagesOf(name), container]);
  const built = images
    .sort((a, b) => b.Created.localeCompare(a.Created))
    .flatMap((image) => (image.RepoTags ?? []).map((reference) => ({ reference, image })))
    .filter(({ reference }) => reference.startsWith(`${name}:`));
  const recorded = created === undefined ? [] : [{ reference: "", image: created }];
  return [...built, ...recorded].flatMap(({ reference, image }) => {
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

/** The environment of an image, as lines `NAME=value`. */
export async function environmentOf(reference: string): Promise<readonly string[]> {
  const [image] = await inspect<Inspected>("image", [reference]);
  return image?.Config.Env ?? [];
}

async function imagesOf(name: string): Promise<Inspected[]> {
  const ids = await listByDocker(["image", "ls", "--quiet", "--no-trunc", "--filter", `reference=${name}:*`]);
  return inspect<Inspected>("image", [...new Set(ids)]);
}
