import { baseIdentity, type InspectedImage } from "../model/base-identity.ts";
import { debootstrapTag } from "../model/debootstrap-tag.ts";
import { canonicalName } from "../model/image-reference.ts";
import type { Base } from "../model/machine.ts";
import { inspect } from "./images.ts";

/** Label of a base that was made on this machine: the name that it was made under. */
const madeAs = "benchbox.base";

/** What the base on the engine is; undefined when it is not there. Whether it has the wanted id only a registry can tell. */
export async function observeBase(base: Base): Promise<string | undefined> {
  const [image] = await inspect<InspectedImage>("image", [baseName(base)]);
  if (image === undefined) return undefined;
  if (base.kind === "debootstrap")
    return labels(image)[madeAs] === debootstrapTag(base) ? debootstrapTag(base) : undefined;
  return baseIdentity(image);
}

const labels = (image: InspectedImage) => (image.Config?.Labels ?? {}) as Readonly<Record<string, string>>;

/** The one name that the base has on the engine, wherever it came from. */
export function baseName(base: Base): string {
  return base.kind === "debootstrap" ? debootstrapTag(base) : canonicalName(base.reference);
}
