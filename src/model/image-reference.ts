/** A reference to an image: `registry/path:tag`, `registry/path@digest` or both. */
export interface ImageReference {
  /** Host with optional port. @default `docker.io` */
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
 * Parses a reference as docker does: expands Docker Hub's short names, and uses the tag `latest` when there is neither tag nor digest.
 *
 * @throws Error with a message for the user when the text is not a reference
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
  const isValid =
    registryPattern.test(registry) &&
    pathPattern.test(path) &&
    (tag === undefined || tagPattern.test(tag)) &&
    (digest === undefined || digestPattern.test(digest)) &&
    more.length === 0;
  if (!isValid) {
    throw new Error(
      `"${text}" is not an image reference; write [registry[:port]/]path[:tag] in lower case, or with @sha256: and 64 hexadecimal digits`,
    );
  }
  if (digest !== undefined) return { registry, path, ...(tag === undefined ? {} : { tag }), digest };
  return { registry, path, tag: tag ?? "latest" };
}

/** The reference in the form of the Docker Engine API. A digest is more specific than a tag, so the tag is dropped. */
export function formatReference({ registry, path, tag, digest }: ImageReference): string {
  return digest === undefined ? `${registry}/${path}:${tag}` : `${registry}/${path}@${digest}`;
}

/**
 * The name of an image on the Docker Engine, the same for every mirror it may come from: the reference itself, with `:latest` when
 * it has no tag. The engine cannot name an image by digest, so a digest becomes a tag: `registry/path@sha256:1234...` is named
 * `registry/path:sha256-1234...`.
 *
 * @throws Error as `parseReference` does
 */
export function canonicalName(reference: string): string {
  const { tag, digest } = parseReference(reference);
  const name = reference.split("@")[0] ?? "";
  if (digest !== undefined) return `${splitTag(name).repository}:${digest.replace(":", "-")}`;
  return splitTag(name).tag === undefined ? `${name}:${tag}` : name;
}

/** The host of a registry, without the port. */
export const hostOf = (registry: string): string => registry.replace(/:\d+$/, "");

/**
 * The references to try, in order and without duplicates: `reference` at each mirror, then `reference` itself. A mirror is a registry
 * with an optional path prefix, or a full reference (with a tag or digest after its last slash).
 *
 * @throws Error as `parseReference` does, or when a mirror has neither form
 */
export function pullSources(reference: string, mirrors: readonly string[]): ImageReference[] {
  const own = parseReference(reference);
  const sources = [...mirrors.map((mirror) => atMirror(own, mirror)), own];
  const names = sources.map(formatReference);
  return sources.filter((_, index) => names.indexOf(names[index] ?? "") === index);
}

function atMirror(own: ImageReference, mirror: string): ImageReference {
  // Mirrors are often published as https addresses.
  const place = mirror.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  const slash = place.lastIndexOf("/");
  if (slash >= 0 && /[:@]/.test(place.slice(slash))) return parseReference(place);
  const registry = place.split("/")[0] ?? "";
  if (!/[.:]/.test(registry) && registry !== "localhost") {
    throw new Error(`"${mirror}" is not a mirror; write host[:port][/prefix], or a full reference with its tag`);
  }
  const { tag, digest } = own;
  const version = digest === undefined ? `:${tag}` : `@${digest}`;
  return parseReference(`${place}/${own.path}${version}`);
}

function splitTag(name: string): { repository: string; tag?: string } {
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  return colon < 0 ? { repository: name } : { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}
