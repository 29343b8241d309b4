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
 * All digests of an image, as the registry reports them: of what was pulled, of its platform's manifest and of its config. The docker
 * client sends the requests, since it has proxies, certificates and logins; it does so from this host, wherever the Docker Engine is.
 *
 * @param source the source of the image
 * @param pulled digest of the pulled index or manifest
 * @param insecureRegistries registries that may be asked without a trusted certificate
 * @returns undefined when the registry does not report them
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
    // An index may list a platform several times, for variants of its processor.
    if (manifest.config.digest === image.Id) return [pulled, digest, manifest.config.digest];
  }
  return ofPlatform.length === 0 ? undefined : digests;
}

async function readManifest(reference: string, isInsecure: boolean): Promise<Manifest | undefined> {
  const { ok, stdout } = await docker(["manifest", "inspect", ...(isInsecure ? ["--insecure"] : []), reference]);
  return ok ? JSON.parse(stdout) : undefined;
}
