import { isIP } from "node:net";

/** Whether ports that are published on an address are reachable from the Docker host only. */
export function isLoopbackAddress(address: string): boolean {
  return isIP(address) === 4 ? address.startsWith("127.") : address === "::1";
}

/** The address to connect to, on the Docker host, for ports published on `bind`; a wildcard address accepts no connections. */
export function reachableAddress(bind: string): string {
  if (bind === "0.0.0.0") return "127.0.0.1";
  return bind === "::" ? "::1" : bind;
}
