import { decoded, type Environment, type ProxySetting, parseProxy, proxySettings } from "../../lib/proxy.ts";

/** How a script in the box reaches this machine's proxies. */
export interface ProxyRoutes {
  /** `HOST:PORT` of each proxy, as this machine reaches it: ssh listens for it in the box. */
  readonly forwards: readonly string[];
  /** The variables for the script, given the box's ports for `forwards`. */
  variables(ports: readonly number[]): Record<string, string>;
}

const defaultPorts: Readonly<Record<string, number>> = {
  http: 80,
  socks4: 1080,
  socks4a: 1080,
  socks5: 1080,
  socks5h: 1080,
};

/**
 * A proxy of this machine may be on its loopback, or known to its resolver alone: the box reaches it through the connection. Not so
 * one that is spoken to by TLS, since its certificate is for its own name.
 */
export function proxyRoutes(environment: Environment): ProxyRoutes {
  const forwards: string[] = [];
  const routed: ((ports: readonly number[]) => [name: string, value: string])[] = [];
  for (const [name, value] of Object.entries(proxySettings(environment))) {
    const address = parseProxy(value);
    const scheme = address?.scheme ?? "http";
    const usual = defaultPorts[scheme];
    if (/^no_proxy$/i.test(name) || address === undefined || usual === undefined) {
      routed.push(() => [name, value]);
      continue;
    }
    const forward = `${address.host}:${address.port ?? usual}`;
    const index = forwards.includes(forward) ? forwards.indexOf(forward) : forwards.push(forward) - 1;
    const login = address.user || address.password ? `${address.user ?? ""}:${address.password ?? ""}@` : "";
    routed.push((ports) => [name, `${scheme}://${login}127.0.0.1:${ports[index]}`]);
  }
  return { forwards, variables: (ports) => Object.fromEntries(routed.map((route) => route(ports))) };
}

/** What a log may not show of the proxies: logins, as written and decoded. */
export function secretsOf(proxies: readonly ProxySetting[]): string[] {
  const all = proxies.flatMap(({ address }) => {
    const { user, password } = address ?? {};
    const login = user && password ? [`${user}:${password}`] : [];
    return [...login, ...(password ? [password, decoded(password)] : [])];
  });
  return [...new Set(all)].filter((secret) => secret.length >= 4);
}
