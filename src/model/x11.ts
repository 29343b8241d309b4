/** Address that the port of the box's X server is published on. It is local, because anyone with its cookie sees all windows. */
export const x11Bind = "127.0.0.1";

/** Folder of X server sockets, on the Docker host, and in a box that uses the host's screen. */
export const x11Sockets = "/tmp/.X11-unix";

/** Displays for the box's windows, in addition to X11 forwarding over SSH. */
export interface X11 {
  /** Whether the box has the socket of this host's X server. */
  readonly socket: boolean;
  readonly server?: X11Server | undefined;
}

/** The X server in the box. */
export interface X11Server {
  readonly display: number;
  /** Port on 127.0.0.1 and in the box: always 6000 + `display`, as X clients expect. */
  readonly port: number;
  /** Screen size, for example `1920x1080`. */
  readonly screen: string;
}
