import { isLoopback } from "./proxy.ts";

/** Whether an engine's address, as in DOCKER_HOST, leads to another machine. */
export function isRemoteEngine(address: string | undefined): boolean {
  const host = /^(?:ssh|tcp|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/.exec(address ?? "")?.[1];
  return host !== undefined && !isLoopback(host);
}
