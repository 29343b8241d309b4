import { z } from "zod";

/**
 * `user_config.yml`: what the box is. The form is PeiDocker's, as the requirements write it; a key that is not
 * listed here is an error, so that a misspelt option cannot be ignored in silence.
 */

const linuxName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "must be a Linux name: up to 32 of a-z, 0-9, `-`, `_`, not starting with a digit");

/** Ids below 1000 belong to the distribution's own accounts, 65534 is `nobody`. */
const accountId = z
  .int("must be a whole number, for example 3100")
  .min(1000, "must be at least 1000: lower ids belong to the system")
  .max(60000, "must be at most 60000: higher ids are reserved");

const user = z.strictObject({
  name: linuxName.refine((name) => name !== "root", "must not be `root`: root cannot log in; name a user of your own"),
  /** Allows password logins; leave out for keys only. */
  password: z
    .string('must be a quoted string, for example "123456": YAML reads bare digits as a number')
    .min(1, "must not be empty; leave the key out to allow keys only")
    .regex(/^[^\n\r\0]*$/, "must be one line")
    .optional(),
  uid: accountId,
  gid: accountId,
});

const imageReference = z
  .string()
  .regex(
    /^[\w.-]+(:\d+)?(\/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/,
    "must be an image reference, for example `nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04`",
  );

export const userConfigSchema = z.strictObject({
  image: z.strictObject({
    /** Image that the box is built on. */
    base: imageReference,
  }),
  build: z
    .strictObject({
      /**
       * Certificate authorities that the box trusts beside the distribution's own, for networks whose proxy inspects
       * TLS: `host` for the ones added to this machine, or paths of PEM files.
       */
      ca_certificates: z
        .union([z.literal("host"), z.array(z.string())], 'must be "host" or a list of PEM files')
        .default([]),
    })
    .prefault({}),
  ssh: z.strictObject({
    users: z
      .array(user)
      .min(1, "must name at least one user")
      .superRefine((users, context) => {
        for (const key of ["name", "uid"] as const) {
          users.forEach((one, index) => {
            if (users.findIndex((other) => other[key] === one[key]) < index) {
              context.addIssue({ code: "custom", path: [index, key], message: `${one[key]} is used by another user` });
            }
          });
        }
      }),
    /** Public keys of this machine that may log in: "~" for every `~/.ssh/id_*.pub` there is, or a file. */
    pubkey_file: z
      .string('must be a path, or "~" (quoted: a bare ~ is YAML\'s null) for every ~/.ssh/id_*.pub')
      .default("~"),
  }),
  custom: z
    .strictObject({
      /** Scripts below `scripts/` with their arguments, run in the box when it is new or when they change. */
      on_first_run: z.array(z.string().min(1, "must name a script")).default([]),
    })
    .prefault({}),
});

export type UserConfig = z.output<typeof userConfigSchema>;
