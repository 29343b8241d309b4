import { isIP } from "node:net";

/** Whether only this machine can reach what is published on an address. */
export function isLoopbackAddress(address: string): boolean {
  return isIP(address) === 4 ? address.startsWith("127.") : address === "::1";
}

/** Where this machine reaches what is published on an address: "every address" is none that can be connected to. */
export function reachableAddress(bind: string): string {
  if (bind === "0.0.0.0") return "127.0.0.1";
  return bind === "::" ? "::1" : bind;
}
