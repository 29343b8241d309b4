import { BlockList, isIP } from "node:net";
import { type Environment, proxySettings } from "../model/proxy.ts";

/**
 * The proxy for an address, chosen as curl does: none for hosts that NO_PROXY exempts.
 *
 * @param environment proxy variables as normalized by `src/bash/proxies.sh`
 */
export function proxyFor({ protocol, hostname, port }: URL, environment: Environment): string | undefined {
  const { https_proxy, http_proxy, no_proxy } = proxySettings(environment);
  const proxy = protocol === "https:" ? https_proxy : http_proxy;
  if (proxy === undefined) return undefined;
  const usualPort = protocol === "https:" ? 443 : 80;
  return isExempt(hostname, Number(port) || usualPort, no_proxy) ? undefined : proxy;
}

/**
 * Whether NO_PROXY exempts a host.
 *
 * @param host name, IPv4 address, or IPv6 address with or without its brackets
 * @param noProxy NO_PROXY: names (with their subdomains), addresses and CIDR ranges, each with an optional port, or `*` for everything;
 *   as in curl, a leading `.` or `*.` has no effect
 */
export function isExempt(host: string, port: number, noProxy = ""): boolean {
  const name = bare(host.toLowerCase()).replace(/\.$/, "");
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => matches(entry, name, port));
}

function matches(entry: string, name: string, port: number): boolean {
  if (entry === "*") return true;
  const [, range = "", prefix] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
  if (prefix !== undefined) return isInRange(name, bare(range), Number(prefix));
  const [, named = entry, ofPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (ofPort !== undefined && Number(ofPort) !== port) return false;
  const wanted = bare(named).replace(/^\*?\./, "");
  return name === wanted || (isIP(name) === 0 && name.endsWith(`.${wanted}`));
}

function isInRange(name: string, range: string, prefix: number): boolean {
  const family = isIP(range);
  if (family === 0 || family !== isIP(name) || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(range, prefix, family === 4 ? "ipv4" : "ipv6");
  return list.check(name, family === 4 ? "ipv4" : "ipv6");
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");
