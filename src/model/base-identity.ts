import { hashOf } from "./hash.ts";
import type { KnownImage } from "./image-id.ts";

/** The part of `docker image inspect` that says what an image is. */
export interface InspectedImage extends KnownImage {
  readonly Os: string;
  readonly Architecture: string;
  readonly RootFS: { readonly Layers?: readonly string[] | null };
  readonly Config?: Readonly<Record<string, unknown>> | null;
}

/** The settings that an image hands on to what is built on it. */
const settings = [
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
 * A short hash of what an image is: its layers' contents, platform and settings. The same in every image store and
 * whatever registry it came from, which its id and digests are not.
 */
export function baseIdentity(image: InspectedImage): string {
  const config = settings.map((name) => plain(image.Config?.[name]));
  return hashOf(image.Os, image.Architecture, ...(image.RootFS.Layers ?? []), JSON.stringify(config));
}

/** Engines write what is not set as null, as empty or not at all, and the keys of objects in any order. */
function plain(value: unknown): unknown {
  if (value === undefined || value === "") return null;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? null : value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? null : entries.map(([key, one]) => [key, plain(one)]);
}
