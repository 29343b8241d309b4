import { docker } from "../../observe/docker.ts";
import { CannotCheck } from "./cannot-check.ts";

/** What the engine says of an image. */
export interface InspectedImage {
  readonly reference: string;
  readonly id: string;
  readonly tags: readonly string[];
  /** The layers' digests, uncompressed, from the lowest to the topmost. */
  readonly layers: readonly string[];
  readonly environment: readonly string[];
  /** The engine's own folders of the layers, in the same order; undefined where the storage driver has none. */
  readonly folders: readonly string[] | undefined;
}

interface Inspected {
  Id: string;
  RepoTags: string[] | null;
  RootFS: { Layers?: string[] | null };
  Config: { Env?: string[] | null } | null;
  GraphDriver?: { Name?: string; Data?: { LowerDir?: string; UpperDir?: string } | null } | null;
}

export async function inspectImage(reference: string): Promise<InspectedImage> {
  const { ok, stdout, stderr, startError } = await docker(["image", "inspect", "--", reference]);
  if (startError) throw new CannotCheck(`the docker client cannot be started (${startError}); is it on PATH?`);
  if (!ok && /no such image/i.test(stderr)) throw new CannotCheck(`the engine has no image ${reference}`);
  if (!ok) throw new CannotCheck(`the engine does not answer: ${stderr}`);
  const image = (JSON.parse(stdout) as Inspected[])[0] as Inspected;
  const layers = image.RootFS.Layers ?? [];
  return {
    reference,
    id: image.Id,
    tags: image.RepoTags ?? [],
    layers,
    environment: image.Config?.Env ?? [],
    folders: foldersOf(image, layers.length),
  };
}

function foldersOf({ GraphDriver: driver }: Inspected, layers: number): string[] | undefined {
  if (driver?.Name !== "overlay2" || !driver.Data?.UpperDir) return undefined;
  const topmostFirst = [driver.Data.UpperDir, ...(driver.Data.LowerDir?.split(":") ?? [])];
  return topmostFirst.length === layers ? topmostFirst.reverse() : undefined;
}

/** How many lines an image's history has, those without a layer included. */
export async function historyLength(reference: string): Promise<number> {
  const { ok, stdout, stderr } = await docker(["image", "history", "--quiet", "--no-trunc", reference]);
  if (!ok) throw new CannotCheck(`the engine does not tell the history of ${reference}: ${stderr}`);
  return stdout.split("\n").filter(Boolean).length;
}

/** Takes a tag off; gives the reason why it could not be done. */
export async function removeTag(image: InspectedImage): Promise<string | undefined> {
  const name = /[:@][^/]*$/.test(image.reference) ? image.reference : `${image.reference}:latest`;
  if (!image.tags.includes(name)) return `${image.reference} is not a tag of it`;
  const { ok, stderr } = await docker(["image", "rm", name]);
  return ok ? undefined : stderr;
}
