import { randomBytes } from "node:crypto";
import type { Server } from "proxy-chain";
import { type Environment, isSocks, type ProxyVariable, parseProxy, proxySettings } from "../model/proxy.ts";

/** An HTTP proxy on this host's loopback address that forwards everything to another proxy. */
export interface ProxyBridge {
  /** `http://benchbox:PASSWORD@127.0.0.1:PORT`; the password is random, because other users of the host can reach the port. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Opens a bridge for programs without SOCKS support: wget, bun, pip, Node's `fetch`. It does not keep the process alive.
 *
 * @param upstream address of the other proxy, with its scheme
 */
export async function openProxyBridge(upstream: string): Promise<ProxyBridge> {
  const { Server } = await import("proxy-chain");
  const password = randomBytes(16).toString("hex");
  const server = new Server({
    host: "127.0.0.1",
    port: 0,
    prepareRequestFunction: ({ username, password: given }) => ({
      requestAuthentication: username !== "benchbox" || given !== password,
      upstreamProxyUrl: upstream,
    }),
  });
  await server.listen();
  server.server.unref();
  server.server.on("connection", (socket) => socket.unref());
  return { url: `http://benchbox:${password}@127.0.0.1:${server.port}`, close: () => closeServer(server) };
}

const closeServer = (server: Server): Promise<void> => server.close(true);

/** Proxy variables for programs without SOCKS support, and the bridges behind them. */
export interface BridgedProxies {
  readonly variables: Partial<Record<ProxyVariable, string>>;
  close(): Promise<void>;
}

/** The environment's proxies, with an HTTP bridge in place of each SOCKS proxy. */
export async function bridgeSocks(environment: Environment): Promise<BridgedProxies> {
  const bridges = new Map<string, ProxyBridge>();
  const variables: Partial<Record<ProxyVariable, string>> = {};
  for (const [name, value] of Object.entries(proxySettings(environment)) as [ProxyVariable, string][]) {
    const address = name.toUpperCase() === "NO_PROXY" ? undefined : parseProxy(value);
    if (address === undefined || !isSocks(address)) {
      variables[name] = value;
      continue;
    }
    const bridge = bridges.get(value) ?? (await openProxyBridge(value));
    bridges.set(value, bridge);
    variables[name] = bridge.url;
  }
  return {
    variables,
    close: async () => {
      await Promise.all([...bridges.values()].map((bridge) => bridge.close()));
    },
  };
}
