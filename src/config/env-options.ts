import { z } from "zod";

/** `benchbox:env`: variables for every session in the box. The state stores them and `docker inspect` shows them: no secrets. */

/** Variables that the session or the box sets itself. */
const ownNames = ["HOME", "HOSTNAME", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL", "TERM", "USER", "_"];

/** A variable's name that no session sets itself. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not a variable name: use letters, digits and _, not starting with a digit")
  .refine((one) => !ownNames.includes(one), "is set by the session itself; choose another name")
  .refine((one) => one !== "NVIDIA_VISIBLE_DEVICES", "is set by benchbox:gpu; select the GPUs there");

/** SSH sessions get the variables from PAM, whose file format cannot express the characters refused here. */
const value = z
  .string("must be a string")
  .refine((text) => !/["\\\n\r\0]/.test(text), {
    error: "must not contain a quote, backslash or line break: SSH sessions would not get it",
  })
  .refine((text) => !/^[a-z][a-z\d+.-]*:\/\/[^/\s]*@/i.test(text), {
    error: "must not contain credentials: the state stores it and `docker inspect` shows it",
  });

export const environmentOptions = z
  .record(variableName, value, "must be a mapping of names to values")
  .default({})
  .meta({
    description: "Environment variables of every session in the box. The state stores them, so set no secrets.",
    examples: [{ NCCL_DEBUG: "INFO", OMP_NUM_THREADS: "8" }],
    effect: "new container",
  });
