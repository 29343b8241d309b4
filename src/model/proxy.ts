/** The environment variables that configure proxies. */
export const proxyVariables = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
] as const;
export type ProxyVariable = (typeof proxyVariables)[number];

export interface ProxyAddress {
  /** Scheme in lower case; undefined where the value has none (`proxy.lan:3128`). */
  readonly scheme?: string;
  /** Host as written; an IPv6 address includes its brackets. */
  readonly host: string;
  readonly port?: number;
  /** User as written, which may be URL-encoded. */
  readonly user?: string;
  readonly password?: string;
}

/** One proxy, with every variable that names it. */
export interface ProxySetting {
  readonly names: readonly ProxyVariable[];
  readonly value: string;
  /** Undefined when the value is not a proxy address. */
  readonly address: ProxyAddress | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy variables that are set and not empty. */
export function proxySettings(environment: Environment): Partial<Record<ProxyVariable, string>> {
  const set = proxyVariables.flatMap((name) => {
    const value = environment[name]?.trim();
    return value ? [[name, value] as const] : [];
  });
  return Object.fromEntries(set);
}

/** The distinct proxies of an environment, in the order of `proxyVariables`, without NO_PROXY. */
export function proxiesOf(environment: Environment): ProxySetting[] {
  const names = new Map<string, ProxyVariable[]>();
  for (const [name, value] of Object.entries(proxySettings(environment)) as [ProxyVariable, string][]) {
    if (name.toUpperCase() === "NO_PROXY") continue;
    names.set(value, [...(names.get(value) ?? []), name]);
  }
  return [...names].map(([value, by]) => ({ names: by, value, address: parseProxy(value) }));
}

/**
 * Parses a proxy address as curl does: the scheme is optional, and the credentials end at the last @, so that an unencoded @ belongs
 * to the password. Undefined when there is no host.
 */
export function parseProxy(value: string): ProxyAddress | undefined {
  const [, scheme, rest = ""] = /^(?:([a-z][a-z\d+.-]*):\/\/)?(.*)$/is.exec(value.trim()) ?? [];
  // A path may follow the port; a / before the last @ is part of the password.
  const [, credentials, place = ""] = /^(?:(.*)@)?([^@/]*)/s.exec(rest) ?? [];
  const [, host, port] = /^(\[[\da-f:.%]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/i.exec(place) ?? [];
  if (!host) return undefined;
  const [, user, password] = /^([^:]*)(?::(.*))?$/s.exec(credentials ?? "") ?? [];
  return {
    ...(scheme ? { scheme: scheme.toLowerCase() } : {}),
    host,
    ...(port ? { port: Number(port) } : {}),
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
  };
}

/** Whether a proxy uses any version of the SOCKS protocol. */
export const isSocks = ({ scheme = "http" }: Pick<ProxyAddress, "scheme">): boolean => scheme.startsWith("socks");

/** Whether a host is a loopback name or address, which other hosts cannot reach. */
export function isLoopback(host: string): boolean {
  return /^(localhost\.?|(.+\.)localhost|127(\.\d{1,3}){1,3}|\[(::1|0*(:0*){6}:0*1|::ffff:127(\.\d{1,3}){3})(%.*)?\])$/i.test(
    host,
  );
}

/** The decoded URL component, or the text itself when its encoding is invalid. */
export function decoded(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return component;
  }
}
