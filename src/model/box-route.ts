import { isLoopbackAddress, reachableAddress } from "./bind-address.ts";
import { isRemoteEngine } from "./engine-address.ts";

/** How an SSH client on this host connects to the box. */
export interface BoxRoute {
  /** Address of the box's SSH server, as seen from this host, or from the jump host if there is one. */
  readonly host: string;
  /** The Docker host as a jump host (`USER@HOST:PORT`, as for `ssh -J`), when SSH is published only on its loopback address. */
  readonly jump?: string | undefined;
}

/**
 * Finds the SSH route to a box.
 *
 * @param bind address of the Docker host that SSH is published on
 * @param engine address of the Docker Engine, as in DOCKER_HOST; undefined for the local one
 * @returns undefined when this host cannot reach the box
 */
export function routeTo(bind: string, engine: string | undefined): BoxRoute | undefined {
  if (engine === undefined || !isRemoteEngine(engine)) return { host: reachableAddress(bind) };
  const { scheme, address, host } =
    /^(?<scheme>\w+):\/\/(?<address>(?:[^@/]*@)?(?<host>\[[^\]]*\]|[^:/]+)[^/]*)/.exec(engine)?.groups ?? {};
  if (isLoopbackAddress(bind)) return scheme === "ssh" ? { host: reachableAddress(bind), jump: address } : undefined;
  return { host: bind === "0.0.0.0" || bind === "::" ? String(host).replace(/^\[|\]$/g, "") : bind };
}
