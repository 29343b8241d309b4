import { isLoopbackAddress, reachableAddress } from "./bind-address.ts";
import { isRemoteEngine } from "./engine-address.ts";

/** How an SSH client on this machine reaches the box. */
export interface BoxRoute {
  /** Address of the box's SSH server, as this machine sees it, or the machine that it jumps over. */
  readonly host: string;
  /** The engine's machine, `USER@HOST:PORT` as `ssh -J` has it, where the box is published on that one's loopback only. */
  readonly jump?: string | undefined;
}

/**
 * @param bind address of the engine's machine that SSH is published on
 * @param engine its address, as in DOCKER_HOST; undefined for this machine's
 * @returns undefined when there is no way
 */
export function routeTo(bind: string, engine: string | undefined): BoxRoute | undefined {
  if (engine === undefined || !isRemoteEngine(engine)) return { host: reachableAddress(bind) };
  const { scheme, address, host } =
    /^(?<scheme>\w+):\/\/(?<address>(?:[^@/]*@)?(?<host>\[[^\]]*\]|[^:/]+)[^/]*)/.exec(engine)?.groups ?? {};
  if (isLoopbackAddress(bind)) return scheme === "ssh" ? { host: reachableAddress(bind), jump: address } : undefined;
  return { host: bind === "0.0.0.0" || bind === "::" ? String(host).replace(/^\[|\]$/g, "") : bind };
}
