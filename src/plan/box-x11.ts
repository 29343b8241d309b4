import type * as docker from "@pulumi/docker";
import type { PublishedPort } from "../model/machine.ts";
import { type X11, x11Bind, x11Sockets } from "../model/x11.ts";

/** The container's port for the X server in it. */
export function x11Ports({ server }: X11): PublishedPort[] {
  return server ? [{ container: server.port, host: server.port, bind: x11Bind }] : [];
}

/**
 * The folder and not the socket in it, which is another one after each login. A socket can be connected to though its
 * folder is read-only; so the box cannot put one of its own there.
 */
export function x11Volumes({ socket }: X11): docker.types.input.ContainerVolume[] {
  return socket ? [{ hostPath: x11Sockets, containerPath: x11Sockets, readOnly: true }] : [];
}

/**
 * What the box is told when it starts, as kind and payload. The cookie of this machine's screen is not here: it would be
 * in the state and change with each login. src/resources/share-display.ts hands it over.
 */
export function x11Records({ server }: X11): [kind: string, payload: string][] {
  return server ? [["x11-server", `${server.display} ${server.screen}\n`]] : [];
}

/** The stack's output `x11`: the ways that windows can go. */
export function x11Output({ socket, server }: X11) {
  return {
    forwarding: "ssh -X",
    socket,
    ...(server && { server: { display: `127.0.0.1:${server.display}`, port: server.port, screen: server.screen } }),
  };
}
