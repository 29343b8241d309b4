import {
  decoded,
  type Environment,
  type ProxyAddress,
  type ProxySetting,
  parseProxy,
  proxySettings,
} from "../model/proxy.ts";

/** How a script in the box reaches this machine's proxies. */
export interface ProxyRoutes {
  /** `HOST:PORT` of each proxy, as this machine reaches it: ssh listens for it in the box. */
  readonly forwards: readonly string[];
  /** The variables for the script, given the box's ports for `forwards`. */
  variables(ports: readonly number[]): Record<string, string>;
}

/**
 * A proxy of this machine may be on its loopback, or known to its resolver alone: the box reaches it through the connection. Not so
 * one that is spoken to by TLS, since its certificate is for its own name.
 *
 * @param environment without SOCKS, which bun does not know: see `bridgeSocks`
 */
export function proxyRoutes(environment: Environment): ProxyRoutes {
  const forwards: string[] = [];
  const routed: ((ports: readonly number[]) => [name: string, value: string])[] = [];
  for (const [name, value] of Object.entries(proxySettings(environment))) {
    const address = parseProxy(value);
    if (/^no_proxy$/i.test(name) || address === undefined || !canBeForwarded(address)) {
      routed.push(() => [name, value]);
      continue;
    }
    const forward = `${address.host}:${address.port ?? 80}`;
    const index = forwards.includes(forward) ? forwards.indexOf(forward) : forwards.push(forward) - 1;
    const login = address.user || address.password ? `${address.user ?? ""}:${address.password ?? ""}@` : "";
    routed.push((ports) => [name, `http://${login}127.0.0.1:${ports[index]}`]);
  }
  return { forwards, variables: (ports) => Object.fromEntries(routed.map((route) => route(ports))) };
}

/**
 * What a log may not show: logins of the proxies and of the package registry, as written and decoded, and where a proxy is that the
 * box is told of by its own name.
 */
export function secretsOf(proxies: readonly ProxySetting[], registry = ""): string[] {
  const addresses = [...proxies.map(({ address }) => address), parseProxy(registry)];
  const logins = addresses.flatMap((address) => {
    const { user, password } = address ?? {};
    const login = user && password ? [`${user}:${password}`] : [];
    return [...login, ...(password ? [password, decoded(password)] : [])];
  });
  const named = proxies.flatMap(({ address }) => (address && !canBeForwarded(address) ? [address.host] : []));
  return [...new Set([...logins, ...named])].filter((secret) => secret.length >= 4);
}

const canBeForwarded = ({ scheme = "http" }: ProxyAddress): boolean => scheme === "http";
