import { containerLabels } from "../model/container-mark.ts";
import { listByDocker } from "./docker.ts";

/** What is wrong with the container of the box's name, and the command that mends it. */
export interface Stray {
  readonly found: string;
  readonly mend: string;
}

interface OnNetworks {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/** A container that was taken off its network has no ports, for which the plugin would replace it. */
export function detachedFromNetwork(name: string, { NetworkSettings }: OnNetworks): Stray | undefined {
  if (name in NetworkSettings.Networks) return undefined;
  return {
    found: "was taken off its network",
    mend: `npm run up puts it on it again, and so does: docker network connect ${name} ${name}`,
  };
}

/**
 * Whether the box's container was renamed, or another one has its name: the plugin would replace it, with all that is in it.
 *
 * @param image what the container of the box's name was made of; undefined when there is none
 */
export async function observeStray(name: string, image: string | undefined): Promise<Stray | undefined> {
  const words = ["--all", "--filter", `label=${containerLabels.box}=${name}`, "--format", "{{.Names}}"];
  const [renamed] = await listByDocker(["container", "ls", ...words]);
  const back = renamed === undefined ? "" : `docker rename ${renamed} ${name}`;
  if (image !== undefined && (renamed !== undefined || !image.startsWith(`${name}:`))) {
    const own = renamed === undefined ? "" : `, and the stack's own is called ${renamed} now`;
    const away = `docker rename ${name} other-${name}`;
    return { found: `is another one, made of ${image}${own}`, mend: back ? `${away} && ${back}` : away };
  }
  if (renamed === undefined) return undefined;
  return { found: `is called ${renamed} now`, mend: `npm run up renames it back, and so does: ${back}` };
}
