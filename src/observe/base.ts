import { baseIdentity, type InspectedImage } from "../model/base-identity.ts";
import { debootstrapTag } from "../model/debootstrap-tag.ts";
import { canonicalName } from "../model/image-reference.ts";
import type { Base } from "../model/machine.ts";
import { inspect } from "./docker.ts";

/** Label of a debootstrap base: the tag that it was created under. */
const tagLabel = "benchbox.base";

/** Identity of the base on the Docker Engine; undefined without one. Only a registry can verify that it has the configured id. */
export async function observeBase(base: Base): Promise<string | undefined> {
  const [image] = await inspect<InspectedImage>("image", [baseName(base)]);
  if (image === undefined) return undefined;
  if (base.kind === "debootstrap")
    return labels(image)[tagLabel] === debootstrapTag(base) ? debootstrapTag(base) : undefined;
  return baseIdentity(image);
}

const labels = (image: InspectedImage) => (image.Config?.Labels ?? {}) as Readonly<Record<string, string>>;

/** The name of the base on the Docker Engine, whichever registry or mirror it came from. */
export function baseName(base: Base): string {
  return base.kind === "debootstrap" ? debootstrapTag(base) : canonicalName(base.reference);
}
