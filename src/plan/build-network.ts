import { type EngineSecurity, isRemapped, isRootless } from "../model/engine-traits.ts";
import type { Build } from "../model/machine.ts";

/**
 * Whether the image is built on the host's network, where a proxy may listen on the loopback address. With `userns-remap` a build
 * has a network of its own: root in the build does not own the host's network namespace, so the kernel refuses to mount /sys.
 */
export const buildsOnHostNetwork = ({ useProxy }: Pick<Build, "useProxy">, engine: EngineSecurity): boolean =>
  useProxy && !isRemapped(engine);

/**
 * Why no build can reach a proxy on the loopback address of the computer that benchbox runs on, as the end of a relative clause;
 * undefined where a build can.
 */
export function whyNoLoopback(engine: EngineSecurity, remoteAddress: string | undefined): string | undefined {
  if (remoteAddress !== undefined) return `the Docker Engine at ${remoteAddress} cannot reach`;
  if (isRootless(engine)) return "a rootless Docker Engine cannot reach: its builds use the engine's own network";
  if (isRemapped(engine))
    return "a Docker Engine with userns-remap cannot reach: its builds have a network of their own";
  return undefined;
}
