/** The part of `docker image inspect` that identifies an image. */
export interface KnownImage {
  readonly Id: string;
  /** `repository@digest` of what was pulled: an index, or a manifest where the registry has no index. */
  readonly RepoDigests?: readonly string[] | null;
}

/** `unknown`: the digest may belong to this image, but not all of its digests are known. */
export type IdComparison = "match" | "mismatch" | "unknown";

/**
 * Whether an image is the one that `wanted` names: an image id, short (12 or more digits) or full, or a repo digest.
 *
 * An image has up to three digests: of its config, of its platform's manifest, and of the index that lists the manifests. Each of
 * them identifies the image. The Docker Engine's image id is the config's digest in the overlay2 store, and the digest of the index
 * (or manifest) in the containerd store; in both, RepoDigests holds the pulled digest. Without a registry, the results are:
 *
 *  | wanted is the digest of | overlay2                                    | containerd store                |
 *  |-------------------------|---------------------------------------------|---------------------------------|
 *  | config                  | match                                       | unknown                         |
 *  | platform's manifest     | match when pulled without index, or unknown | the same                        |
 *  | index                   | match when pulled by it, or unknown         | the same                        |
 *  | another image           | unknown: it may be one of the above that the engine does not know         |||
 *
 * A digest does not show which of the three it is, so only the full set of digests proves a mismatch. Pass it as `allDigests`, read
 * from the registry that the image came from (`digestsAtRegistry` in src/resources/pull). For an image that was loaded from a file,
 * or whose registry does not answer, the result stays unknown.
 */
export function compareImageId(wanted: string, image: KnownImage, allDigests?: readonly string[]): IdComparison {
  const start = hexOf(wanted);
  const known = [image.Id, ...(image.RepoDigests ?? []), ...(allDigests ?? [])].map(hexOf);
  if (known.some((digest) => digest.startsWith(start))) return "match";
  return allDigests === undefined ? "unknown" : "mismatch";
}

/** The rule that an id in a configuration breaks; undefined for a valid id. */
export function imageIdProblem(wanted: string): string | undefined {
  if (/^([^@\s]+@)?(sha256:)?[0-9a-f]{12,64}$/.test(wanted)) return undefined;
  return "an image id is 12 to 64 hexadecimal digits, with or without sha256:, or a repo digest (repository@sha256:...)";
}

function hexOf(text: string): string {
  return text.slice(text.lastIndexOf("@") + 1).replace(/^sha256:/, "");
}
