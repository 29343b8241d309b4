import { type EngineSecurity, isRemapped, isRootless } from "../model/engine-traits.ts";
import type { Build } from "../model/machine.ts";

/**
 * Whether the image is built on the network of the engine's machine, where a proxy may listen on the loopback address.
 * With `userns-remap` a build has its own network: root in it owns no part of the machine's, and the kernel refuses it /sys.
 */
export const buildsOnHostNetwork = ({ useProxy }: Pick<Build, "useProxy">, engine: EngineSecurity): boolean =>
  useProxy && !isRemapped(engine);

/** Why no build can reach a proxy on the loopback address of the machine that benchbox runs on; undefined where one can. */
export function whyNoLoopback(engine: EngineSecurity, remoteAddress: string | undefined): string | undefined {
  if (remoteAddress !== undefined) return `the engine ${remoteAddress} cannot reach`;
  if (isRootless(engine)) return "a rootless engine cannot reach: its builds have the engine's own network";
  if (isRemapped(engine)) return "an engine with userns-remap cannot reach: its builds have a network of their own";
  return undefined;
}
