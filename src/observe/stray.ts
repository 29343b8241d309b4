import { containerLabels, missingNetwork, type OnNetworks } from "../model/container-mark.ts";
import { listByDocker } from "./docker.ts";

/** What is wrong with the container of the box's name, and the command that fixes it. */
export interface Stray {
  readonly found: string;
  readonly fix: string;
}

/** A container that was disconnected from its network has no ports, so the Docker provider would replace it. */
export function detachedFromNetwork(name: string, container: OnNetworks): Stray | undefined {
  const network = missingNetwork(name, container);
  if (network === undefined) return undefined;
  return {
    found: "was disconnected from its network",
    fix: `npm run up connects it again, and so does: docker network connect ${network} ${name}`,
  };
}

/**
 * Whether the box's container was renamed, or another container has its name: the Docker provider would replace it and lose its files.
 *
 * @param image the image of the container with the box's name; undefined without one
 */
export async function observeStray(name: string, image: string | undefined): Promise<Stray | undefined> {
  const words = ["--all", "--filter", `label=${containerLabels.box}=${name}`, "--format", "{{.Names}}"];
  const [renamed] = await listByDocker(["container", "ls", ...words]);
  const back = renamed === undefined ? "" : `docker rename ${renamed} ${name}`;
  if (image !== undefined && (renamed !== undefined || !image.startsWith(`${name}:`))) {
    const own = renamed === undefined ? "" : `; the stack's own was renamed to ${renamed}`;
    const away = `docker rename ${name} other-${name}`;
    return { found: `is another container, created from ${image}${own}`, fix: back ? `${away} && ${back}` : away };
  }
  if (renamed === undefined) return undefined;
  return { found: `was renamed to ${renamed}`, fix: `npm run up renames it back, and so does: ${back}` };
}
