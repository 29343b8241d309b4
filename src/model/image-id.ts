/** What `docker image inspect` tells about which image it is. */
export interface KnownImage {
  readonly Id: string;
  /** `repository@digest` of what was pulled: an index, or a manifest where the registry has no index. */
  readonly RepoDigests?: readonly string[] | null;
}

/** `unknown`: the digest may be one of this image's that is not at hand. */
export type IdComparison = "match" | "mismatch" | "unknown";

/**
 * Whether an image is the one that `wanted` names: an image id, short (12 or more digits) or full, or a repo digest.
 *
 * One image has up to three digests: that of its config, that of its platform's manifest, and that of the index which
 * lists the manifests. All three count. The engine's image id is the config's digest in the overlay2 store, and that of
 * the index (or manifest) in the containerd store; what was pulled is in RepoDigests in both. So without a registry
 *
 *  | wanted is the digest of | overlay2                                    | containerd store                |
 *  |-------------------------|---------------------------------------------|---------------------------------|
 *  | config                  | match                                       | unknown                         |
 *  | platform's manifest     | match when pulled without index, or unknown | the same                        |
 *  | index                   | match when pulled by it, or unknown         | the same                        |
 *  | another image           | unknown: it may be any of the above that the engine does not know         |||
 *
 * A digest says nothing of what kind it is. Only who knows all digests of the image can tell a mismatch: pass them as
 * `allDigests`, read from the registry that the image came from (`digestsAtRegistry` of src/resources/pull). An image that
 * was loaded from a file, or whose registry does not answer, stays unknown.
 */
export function compareImageId(wanted: string, image: KnownImage, allDigests?: readonly string[]): IdComparison {
  const start = hexOf(wanted);
  const known = [image.Id, ...(image.RepoDigests ?? []), ...(allDigests ?? [])].map(hexOf);
  if (known.some((digest) => digest.startsWith(start))) return "match";
  return allDigests === undefined ? "unknown" : "mismatch";
}

/** What is wrong with an id that a user wrote, as the rule that it breaks; undefined when nothing is. */
export function imageIdProblem(wanted: string): string | undefined {
  if (/^([^@\s]+@)?(sha256:)?[0-9a-f]{12,64}$/.test(wanted)) return undefined;
  return "an image id is 12 to 64 hexadecimal digits, with or without sha256:, or a repo digest (repository@sha256:...)";
}

function hexOf(text: string): string {
  return text.slice(text.lastIndexOf("@") + 1).replace(/^sha256:/, "");
}
