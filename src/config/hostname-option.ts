import { z } from "zod";

/** `benchbox:hostname` */
export const hostnameOption = z
  .string("must be a host name")
  .regex(
    /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    "must be a host name: up to 63 characters of a-z, 0-9 and `-`, not starting or ending with `-`",
  )
  .optional()
  .meta({
    description: "Host name in the box.",
    defaultText: "`<project>-<stack>`",
    examples: ["bench-1"],
    effect: "new container",
  });
