import { z } from "zod";
import type { X11 } from "../model/x11.ts";

/** `benchbox:x11`: displays for the box's windows, in addition to X11 forwarding over SSH, which always works. See docs/decisions. */
export const x11Options = z
  .strictObject({
    socket: z
      .boolean("must be true or false")
      .default(false)
      .meta({
        description:
          "Whether windows open on the screen of this host: the box gets the socket and the cookie of its X server.",
        examples: [true],
      }),
    server: z
      .strictObject({
        display: z
          .int("must be a whole number, for example 20")
          .min(20, "must be at least 20: SSH and desktops use lower displays")
          .max(99, "must be at most 99")
          .default(20)
          .meta({
            description: "Number of the display, which is published on port 6000 + `display` of 127.0.0.1.",
            examples: [21],
          }),
        screen: z
          .string("must be a size")
          .regex(/^[1-9]\d{2,3}x[1-9]\d{2,3}$/, 'must be a size in pixels, for example "1920x1080"')
          .default("1920x1080")
          .meta({ description: "Screen size in pixels.", examples: ["2560x1440"] }),
      })
      .optional()
      .meta({
        description:
          "An X server in the box, for windows that stay open while nobody is connected. `{}` uses the defaults.",
        examples: [{}],
      }),
  })
  .prefault({})
  .meta({
    description: "Displays for the box's windows, in addition to X11 forwarding over SSH.",
    effect: "new container",
  });

export type X11Options = z.output<typeof x11Options>;

/** The displays that these options request. */
export function x11Of({ socket, server }: X11Options): X11 {
  return { socket, server: server && { ...server, port: 6000 + server.display } };
}

/** The packages of the stack, followed by those that its X11 displays need and that it does not list. */
export function withX11Packages(packages: readonly string[], { socket, server }: X11Options): string[] {
  const wanted = [...(socket || server ? ["xauth"] : []), ...(server ? ["xvfb"] : [])];
  // At the end, where installing them takes the least time.
  return [...packages, ...wanted.filter((one) => !packages.includes(one))];
}
