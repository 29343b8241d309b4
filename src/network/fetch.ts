import { isSocks, parseProxy } from "../model/proxy.ts";
import { proxyFor } from "./no-proxy.ts";
import { openProxyBridge } from "./proxy-bridge.ts";

/**
 * `fetch` through the environment's proxies. Node's own support reads them at startup (NODE_USE_ENV_PROXY), and for a proxy that it does
 * not support, such as SOCKS, fails with a stack trace that shows the address.
 *
 * @param address `https://registry.example/v2/`
 */
export async function fetchByProxy(address: string, init: FetchOptions = {}): Promise<Response> {
  const proxy = proxyFor(new URL(address), process.env);
  if (proxy === undefined) return fetch(address, init);
  const { fetch: fetchBy } = await import("undici");
  const dispatcher = await dispatcherOf(proxy);
  return (await fetchBy(address, { ...init, dispatcher })) as unknown as Response;
}

export interface FetchOptions {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

type Dispatcher = import("undici").Dispatcher;
const dispatchers = new Map<string, Promise<Dispatcher>>();

function dispatcherOf(proxy: string): Promise<Dispatcher> {
  const dispatcher = dispatchers.get(proxy) ?? openDispatcher(proxy);
  dispatchers.set(proxy, dispatcher);
  return dispatcher;
}

async function openDispatcher(proxy: string): Promise<Dispatcher> {
  const { ProxyAgent } = await import("undici");
  const address = parseProxy(proxy);
  const uri = address && isSocks(address) ? (await openProxyBridge(proxy)).url : proxy;
  return new ProxyAgent({ uri });
}
