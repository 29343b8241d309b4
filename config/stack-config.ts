import { z } from "zod";
import { aptOptions, imageOptions } from "./user-config.ts";
import { x11Options } from "./x11.ts";

/** `Pulumi.<stack>.yaml`: where the box runs. Every key stands there with the project's prefix, `benchbox:`. */

/** Debian suites whose package names the box's package list knows. */
const suites = ["trixie", "bookworm"] as const;

export const stackConfigSchema = z.strictObject({
  /** The Docker Engine to use, as in DOCKER_HOST; by default what the docker client uses. */
  docker_host: z
    .string("must be an address")
    .regex(/^(unix:\/\/\/|ssh:\/\/|tcp:\/\/)./, "must be a unix://, ssh:// or tcp:// address, as in DOCKER_HOST")
    .optional(),
  /**
   * A base to use instead of `image.base`: a minimal Debian made on this machine by `debootstrap`, for machines without
   * a container registry.
   */
  base: z
    .strictObject({
      debootstrap: z.strictObject({
        suite: z.enum(suites, `must be one of: ${suites.join(", ")}`),
        /** Package mirror; by default the one that debootstrap knows. */
        mirror: z.url({ protocol: /^https?$/, error: "must be an http or https address" }).optional(),
      }),
    })
    .optional(),
  /** What this machine has otherwise than `user_config.yml`'s `image` says. */
  image: z.strictObject(imageOptions).prefault({}),
  /** Instead of `user_config.yml`'s `build.apt`. */
  apt: aptOptions.optional(),
  /** GPUs that the box gets. */
  gpu: z.enum(["none", "all"], 'must be "none" or "all"').default("all"),
  ssh: z
    .strictObject({
      /** Port of 127.0.0.1 on which the box's SSH server is published. */
      port: z
        .int("must be a whole number, for example 22022")
        .min(1024, "must be at least 1024: lower ports need root")
        .max(65535, "must be at most 65535")
        .default(22022),
    })
    .prefault({}),
  /** Ways to the box's windows beside forwarding over SSH. */
  x11: x11Options,
});

export type StackConfig = z.output<typeof stackConfigSchema>;
