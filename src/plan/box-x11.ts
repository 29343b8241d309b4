import type * as docker from "@pulumi/docker";
import type { PublishedPort } from "../model/machine.ts";
import { type X11, x11Bind, x11Sockets } from "../model/x11.ts";

/** The port published for the X server in the container. */
export function x11Ports({ server }: X11): PublishedPort[] {
  return server ? [{ container: server.port, host: server.port, protocol: "tcp", bind: x11Bind }] : [];
}

/**
 * Mounts the folder rather than the socket in it, because each login replaces the socket. A read-only folder still lets programs
 * connect to its sockets, and keeps the box from adding one of its own.
 */
export function x11Volumes({ socket }: X11): docker.types.input.ContainerVolume[] {
  return socket ? [{ hostPath: x11Sockets, containerPath: x11Sockets, readOnly: true }] : [];
}

/**
 * Records for the start of the box, as kind and payload. They leave out the cookie of the host's display, which would end up in
 * the state and change with each login: src/resources/share-display.ts passes it to the box.
 */
export function x11Records({ server }: X11): [kind: string, payload: string][] {
  return server ? [["x11-server", `${server.display} ${server.screen}\n`]] : [];
}

/** The stack's output `x11`: the ways in which the box can show windows. */
export function x11Output({ socket, server }: X11) {
  return {
    forwarding: "ssh -X",
    socket,
    ...(server && { server: { display: `127.0.0.1:${server.display}`, port: server.port, screen: server.screen } }),
  };
}
