/** Where an image is: `registry/path:tag`, `registry/path@digest` or both. */
export interface ImageReference {
  /** Host with optional port; `docker.io` when none is written. */
  readonly registry: string;
  /** Path in the registry; with `library/` for Docker Hub's own images. */
  readonly path: string;
  readonly tag?: string;
  /** `sha256:...` */
  readonly digest?: string;
}

const hub = "docker.io";
const registryPattern = /^(\[[0-9a-f:]+\]|[\w.-]+)(:\d+)?$/i;
const pathPattern = /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads a reference as docker does: Docker Hub's short names are written out, no tag and no digest means `latest`.
 *
 * @throws Error with a sentence for the user when it is none.
 */
export function parseReference(text: string): ImageReference {
  const [name = "", digest, ...more] = text.split("@");
  const { repository, tag } = splitTag(name);
  const slash = repository.indexOf("/");
  const first = slash < 0 ? "" : repository.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  const registry = !hasRegistry || first === "index.docker.io" ? hub : first;
  const rest = hasRegistry ? repository.slice(slash + 1) : repository;
  const path = registry === hub && !rest.includes("/") ? `library/${rest}` : rest;
  const isRight =
    registryPattern.test(registry) &&
    pathPattern.test(path) &&
    (tag === undefined || tagPattern.test(tag)) &&
    (digest === undefined || digestPattern.test(digest)) &&
    more.length === 0;
  if (!isRight) {
    throw new Error(
      `"${text}" is no image reference; written as [registry[:port]/]path[:tag] in lower case, or with @sha256: and 64 hexadecimal digits`,
    );
  }
  if (digest !== undefined) return { registry, path, ...(tag === undefined ? {} : { tag }), digest };
  return { registry, path, tag: tag ?? "latest" };
}

/** The reference as the engine's API takes it. A digest says more than a tag, so the tag goes. */
export function formatReference({ registry, path, tag, digest }: ImageReference): string {
  return digest === undefined ? `${registry}/${path}:${tag}` : `${registry}/${path}@${digest}`;
}

/**
 * The one name that an image has on the engine, whatever mirror it came from: the reference itself, with `:latest` when
 * it has no tag. A reference by digest cannot be given to an image as a name, so that it becomes a tag of its own:
 * `registry/path@sha256:1234...` is kept as `registry/path:sha256-1234...`.
 *
 * @throws as `parseReference`.
 */
export function canonicalName(reference: string): string {
  const { tag, digest } = parseReference(reference);
  const name = reference.split("@")[0] ?? "";
  if (digest !== undefined) return `${splitTag(name).repository}:${digest.replace(":", "-")}`;
  return splitTag(name).tag === undefined ? `${name}:${tag}` : name;
}

/** A registry without its port. */
export const hostOf = (registry: string): string => registry.replace(/:\d+$/, "");

/**
 * What to pull, in this order: `reference` at each mirror, then where it says itself, unless a mirror said that already.
 * A mirror is a registry with an optional path prefix, or a full reference (with a tag or digest behind its last slash).
 *
 * @throws as `parseReference`.
 */
export function pullSources(reference: string, mirrors: readonly string[]): ImageReference[] {
  const own = parseReference(reference);
  const sources = [...mirrors.map((mirror) => atMirror(own, mirror)), own];
  const names = sources.map(formatReference);
  return sources.filter((_, index) => names.indexOf(names[index] ?? "") === index);
}

function atMirror(own: ImageReference, mirror: string): ImageReference {
  // Mirrors are published as addresses, too.
  const place = mirror.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  const slash = place.lastIndexOf("/");
  if (slash >= 0 && /[:@]/.test(place.slice(slash))) return parseReference(place);
  const registry = place.split("/")[0] ?? "";
  if (!/[.:]/.test(registry) && registry !== "localhost") {
    throw new Error(`"${mirror}" is no mirror; written as host[:port][/prefix], or as a full reference with its tag`);
  }
  const { tag, digest } = own;
  const version = digest === undefined ? `:${tag}` : `@${digest}`;
  return parseReference(`${place}/${own.path}${version}`);
}

function splitTag(name: string): { repository: string; tag?: string } {
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  return colon < 0 ? { repository: name } : { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}
