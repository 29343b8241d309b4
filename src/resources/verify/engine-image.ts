import { docker } from "../../observe/docker.ts";
import { ImageCheckError } from "./source.ts";

/** An image as the Docker Engine reports it. */
export interface InspectedImage {
  readonly reference: string;
  readonly id: string;
  readonly tags: readonly string[];
  /** Digests of the uncompressed layers, from the lowest to the topmost. */
  readonly layers: readonly string[];
  readonly environment: readonly string[];
  /** The Docker Engine's folders of the layers, in the same order; undefined if the storage driver has none. */
  readonly folders: readonly string[] | undefined;
}

interface Inspected {
  Id: string;
  RepoTags: string[] | null;
  RootFS: { Layers?: string[] | null };
  Config: { Env?: string[] | null } | null;
  GraphDriver?: { Name?: string; Data?: { LowerDir?: string; UpperDir?: string } | null } | null;
}

/** @throws ImageCheckError when the Docker Engine does not have the image or does not answer */
export async function inspectImage(reference: string): Promise<InspectedImage> {
  const { ok, stdout, stderr, startError } = await docker(["image", "inspect", "--", reference]);
  const fix = "Fix: install it, or add its folder to PATH";
  if (startError) throw new ImageCheckError(`starting the docker client failed: ${startError}\n  ${fix}`);
  if (!ok && /no such image/i.test(stderr)) throw new ImageCheckError(`the Docker Engine has no image ${reference}`);
  if (!ok) throw new ImageCheckError(`the Docker Engine does not answer: ${stderr}`);
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

/** Number of lines in an image's history, including lines without a layer. */
export async function historyLength(reference: string): Promise<number> {
  const { ok, stdout, stderr } = await docker(["image", "history", "--quiet", "--no-trunc", reference]);
  if (!ok) throw new ImageCheckError(`reading the history of ${reference} failed: ${stderr}`);
  return stdout.split("\n").filter(Boolean).length;
}
