/** Address that the port of the X server in the box is published on: whoever has its cookie sees all windows. */
export const x11Bind = "127.0.0.1";

/** Where X servers have their sockets, and X clients look for them: the engine's machine has it, and the box where it has the screen. */
export const x11Sockets = "/tmp/.X11-unix";

/** Where windows of the box can go, beside forwarding over SSH. */
export interface X11 {
  /** Whether the box has the socket of this machine's X server. */
  readonly socket: boolean;
  readonly server?: X11Server | undefined;
}

/** The X server in the box. */
export interface X11Server {
  readonly display: number;
  /** Of 127.0.0.1, and the same in the box: X clients know no other than 6000 + display. */
  readonly port: number;
  /** `1920x1080` */
  readonly screen: string;
}
