import { z } from "zod";
import type { X11 } from "../model/x11.ts";

/** `benchbox:x11`: where the box's windows can go, beside forwarding over SSH, which always works. See docs/decisions. */
export const x11Options = z
  .strictObject({
    /** The screen of this machine: its X server's socket is there in the box, and its cookie is handed over. */
    socket: z.boolean("must be true or false").default(false),
    /** An X server in the box, for windows that stay when nobody is connected. */
    server: z
      .strictObject({
        /** Number of the display; it is published on port 6000 + this of 127.0.0.1. */
        display: z
          .int("must be a whole number, for example 20")
          .min(20, "must be at least 20: SSH and desktops use the displays before it")
          .max(99, "must be at most 99")
          .default(20),
        /** Size of its screen, in pixels. */
        screen: z
          .string("must be a size")
          .regex(/^[1-9]\d{2,3}x[1-9]\d{2,3}$/, 'must be a size in pixels, for example "1920x1080"')
          .default("1920x1080"),
      })
      .optional(),
  })
  .prefault({});

export type X11Options = z.output<typeof x11Options>;

export function x11Of({ socket, server }: X11Options): X11 {
  return { socket, server: server && { ...server, port: 6000 + server.display } };
}

/** The packages of the stack, with those that its way of X11 wants and that are not among them. */
export function withX11Packages(packages: readonly string[], { socket, server }: X11Options): string[] {
  const wanted = [...(socket || server ? ["xauth"] : []), ...(server ? ["xvfb"] : [])];
  // Behind the others, where they are installed quickest.
  return [...packages, ...wanted.filter((one) => !packages.includes(one))];
}
