import { type Environment, isLoopback, proxiesOf } from "../../lib/proxy.ts";
import { error, type Verdict } from "./verdict.ts";

/**
 * A build on another machine cannot reach a proxy on this one's loopback.
 *
 * @param engine its address
 */
export function judgeProxies(environment: Environment, engine: string): Verdict[] {
  const local = proxiesOf(environment).filter(({ address }) => address && isLoopback(address.host));
  if (local.length === 0) return [];
  return error(
    "proxies",
    `${local.flatMap(({ names }) => names).join(", ")}: on this machine's loopback address, which the engine ${engine} cannot reach`,
    "an address that the engine's machine can reach, or none",
    "set it so, unset it, or set build.enable_global_proxy to false",
  );
}
