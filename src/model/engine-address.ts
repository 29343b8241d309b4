import { isLoopback } from "./proxy.ts";

/** Whether a Docker Engine's address, as in DOCKER_HOST, is that of another host. */
export function isRemoteEngine(address: string | undefined): boolean {
  const host = /^(?:ssh|tcp|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/.exec(address ?? "")?.[1];
  return host !== undefined && !isLoopback(host);
}
