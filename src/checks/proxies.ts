import { type CheckResult, error } from "../model/check-result.ts";
import { type Environment, isLoopback, proxiesOf } from "../model/proxy.ts";

/**
 * Refuses proxies on the loopback address where the build cannot reach them.
 *
 * @param whyNot see `whyNoLoopback`
 */
export function evaluateProxies(environment: Environment, whyNot: string | undefined): CheckResult[] {
  if (whyNot === undefined) return [];
  const local = proxiesOf(environment).filter(({ address }) => address && isLoopback(address.host));
  if (local.length === 0) return [];
  return error(
    "proxies",
    `${local.flatMap(({ names }) => names).join(", ")}: on this host's loopback address, which ${whyNot}`,
    "an address that a build on that Docker Engine can reach, or no proxy",
    "change it, unset it, or set build.enable_global_proxy to false",
  );
}
