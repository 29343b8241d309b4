import {
  decoded,
  type Environment,
  type ProxyAddress,
  type ProxySetting,
  parseProxy,
  proxySettings,
} from "../model/proxy.ts";

/** How a script in the box reaches this host's proxies. */
export interface ProxyRoutes {
  /** `HOST:PORT` of each proxy as seen from this host; ssh listens for each in the box. */
  readonly forwards: readonly string[];
  /** The variables for the script, given the box's ports for `forwards`. */
  variables(ports: readonly number[]): Record<string, string>;
}

/**
 * Routes the proxies through the SSH connection, since a proxy may listen on this host's loopback, or only this host's resolver may know
 * it. A proxy that uses TLS is not routed, since its certificate is valid for its own name only.
 *
 * @param environment without SOCKS proxies, which bun does not support: see `bridgeSocks`
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
 * Texts to keep out of logs: the logins of the proxies and of the package registry, as written and decoded, and the hosts of proxies that
 * are not routed through the connection.
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
