import type { InspectedImage } from "../../model/base-identity.ts";
import type { ImageReference } from "../../model/image-reference.ts";
import { hostOf } from "../../model/image-reference.ts";
import { isLoopback } from "../../model/proxy.ts";
import { docker } from "../../observe/docker.ts";

interface Manifest {
  readonly config?: { readonly digest: string };
  /** An index has these instead. */
  readonly manifests?: readonly {
    readonly digest: string;
    readonly platform?: { readonly os: string; readonly architecture: string };
  }[];
}

/**
 * All digests that an image has: what was pulled, its platform's manifest and its config, as the registry says. The docker
 * client asks (it has proxies, certificates and logins), from this machine, wherever the engine is.
 *
 * @param source where the image was pulled from
 * @param pulled digest of the index or manifest that was pulled
 * @param insecureRegistries those that may be asked without a trusted certificate
 * @returns undefined when the registry does not tell
 */
export async function digestsAtRegistry(
  source: ImageReference,
  pulled: string,
  image: InspectedImage,
  insecureRegistries: readonly string[],
): Promise<string[] | undefined> {
  const { registry, path } = source;
  const isInsecure = isLoopback(hostOf(registry)) || insecureRegistries.includes(registry);
  const read = (digest: string) => readManifest(`${registry}/${path}@${digest}`, isInsecure);
  const top = await read(pulled);
  if (top?.config) return [pulled, top.config.digest];
  const ofPlatform = (top?.manifests ?? []).filter(
    ({ platform }) => platform?.os === image.Os && platform.architecture === image.Architecture,
  );
  const digests = [pulled];
  for (const { digest } of ofPlatform) {
    const manifest = await read(digest);
    if (!manifest?.config) return undefined;
    digests.push(digest, manifest.config.digest);
    // One platform may be listed several times, by variants of its processor.
    if (manifest.config.digest === image.Id) return [pulled, digest, manifest.config.digest];
  }
  return ofPlatform.length === 0 ? undefined : digests;
}

async function readManifest(reference: string, isInsecure: boolean): Promise<Manifest | undefined> {
  const { ok, stdout } = await docker(["manifest", "inspect", ...(isInsecure ? ["--insecure"] : []), reference]);
  return ok ? JSON.parse(stdout) : undefined;
}
