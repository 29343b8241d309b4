import { hashOf } from "./hash.ts";
import type { KnownImage } from "./image-id.ts";

/** The part of `docker image inspect` that determines the identity of an image. */
export interface InspectedImage extends KnownImage {
  readonly Os: string;
  readonly Architecture: string;
  readonly RootFS: { readonly Layers?: readonly string[] | null };
  readonly Config?: Readonly<Record<string, unknown>> | null;
}

/** The inheritedSettings that images inherit from their base. */
const inheritedSettings = [
  "User",
  "ExposedPorts",
  "Env",
  "Entrypoint",
  "Cmd",
  "Healthcheck",
  "Volumes",
  "WorkingDir",
  "Labels",
  "OnBuild",
  "StopSignal",
  "Shell",
];

/**
 * A short hash of an image's layer contents, platform and settings. Unlike the id and the digests, it is the same in every image store
 * and for every registry that the image may come from.
 */
export function baseIdentity(image: InspectedImage): string {
  const config = inheritedSettings.map((name) => normalize(image.Config?.[name]));
  return hashOf(image.Os, image.Architecture, ...(image.RootFS.Layers ?? []), JSON.stringify(config));
}

/** Docker Engines report an unset value as null, as empty or not at all, and the keys of objects in any order. */
function normalize(value: unknown): unknown {
  if (value === undefined || value === "") return null;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? null : value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? null : entries.map(([key, one]) => [key, normalize(one)]);
}
