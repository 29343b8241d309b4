import { z } from "zod";

/** `benchbox:env`: variables that every session in the box has. They stand in the state and in `docker inspect`: no secrets. */

/** Variables that the session or the box sets itself. */
const ownNames = ["HOME", "HOSTNAME", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL", "TERM", "USER", "_"];

const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no variable's name: letters, digits and _, not starting with a digit")
  .refine((one) => !ownNames.includes(one), "is set by the session itself; name another")
  .refine((one) => one !== "NVIDIA_VISIBLE_DEVICES", "is set by benchbox:gpu; say there which GPUs the box gets");

/** What PAM, which gives it to SSH sessions, has no way to write. */
const value = z
  .string("must be a string")
  .refine((text) => !/["\\\n\r\0]/.test(text), {
    error: "must have no quote, backslash or line break: SSH sessions would be without it",
  })
  .refine((text) => !/^[a-z][a-z\d+.-]*:\/\/[^/\s]*@/i.test(text), {
    error: "must hold no login: it stands in the state and in `docker inspect`",
  });

export const environmentOptions = z.record(name, value, "must be a mapping of names to values").default({});

export const hostnameOption = z
  .string("must be a host name")
  .regex(
    /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    "must be a host name: up to 63 of a-z, 0-9 and `-`, which must not stand first or last",
  )
  .optional();
