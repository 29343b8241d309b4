import { z } from "zod";
import { imageIdProblem } from "../model/image-id.ts";
import { parseReference, pullSources } from "../model/image-reference.ts";
import { firstRunOptions } from "./first-run.ts";
import { storageOptions } from "./storage.ts";

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

/** `null` is what a bare ~ is in YAML; its writer meant "~". */
const pubkeyFile = z
  .string('must be "~" for the keys of this machine and its SSH agent, a path, or a public key itself')
  .min(1, "must not be empty; leave the key out for the keys of this machine")
  .nullable();

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
  /** May become root in the box, by sudo: with the password, or, for a user without one, without. */
  sudo: z.boolean("must be true or false").default(true),
  /** Instead of `ssh.pubkey_file`, for this user. */
  pubkey_file: pubkeyFile.optional(),
});

/** What a reader of the value throws is a problem of it. */
function told(read: () => unknown, context: z.RefinementCtx): void {
  try {
    read();
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    context.addIssue({ code: "custom", message: sentence.replace(/^"[^"]*" /, "") }); // the value stands before it already
  }
}

const imageReference = z
  .string("must be an image reference")
  .regex(/^[\w.-]+(:\d+)?(\/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/, {
    error: "must be an image reference, for example `nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04`",
    abort: true,
  })
  .superRefine((reference, context) => told(() => parseReference(reference), context));

const imageId = z
  .string('must be a quoted string, for example "468c101db63b": YAML reads some ids as numbers')
  .superRefine((id, context) => {
    const problem = imageIdProblem(id);
    if (problem !== undefined) context.addIssue({ code: "custom", message: `is no image id: ${problem}` });
  });

/** What a stack may say otherwise than `user_config.yml`, because it depends on where the box runs. */
export const imageOptions = {
  /** The base must be this image: its id (short or full) or a digest. */
  id: imageId.optional(),
  /** What to do when the base that was got has another id. */
  on_id_mismatch: z.enum(["error", "warn", "ignore"], 'must be "error", "warn" or "ignore"').optional(),
  /** Registries that are asked for the base before its own, in this order: `HOST[:PORT][/PATH]`, or a full reference. */
  mirrors: z
    .array(
      z
        .string("must be a registry, for example `docker.1ms.run`")
        .regex(/^[\w.-]+(:\d+)?(\/[\w.:@-]+)*$/, {
          error: "must be a registry without https://, for example `docker.1ms.run`",
          abort: true,
        })
        .superRefine((mirror, context) => told(() => pullSources("any", [mirror]), context)),
    )
    .optional(),
  /** `OS/ARCHITECTURE` to pull and build for; by default the engine's own. */
  platform: z
    .string("must be a platform")
    .regex(/^linux\/[a-z0-9]+(\/v\d)?$/, "must be a platform, for example `linux/arm64`")
    .optional(),
};

/** Mirrors that go by a name. */
const aptMirrorNames = ["tuna", "aliyun", "ustc", "163", "cn"] as const;

/** Where the distribution's packages come from; see `imageOptions`. */
export const aptOptions = z.strictObject({
  /** A name, or the address of a mirror's folder for the distribution. */
  mirror: z
    .string("must be a mirror's name or address")
    .refine(
      (mirror) =>
        (aptMirrorNames as readonly string[]).includes(mirror) || /^https?:\/\/[^\s/@]+(\/[^\s@]*)?$/.test(mirror),
      `must be one of ${aptMirrorNames.map((name) => `"${name}"`).join(", ")}, or an http or https address without a login: it stands in the state`,
    ),
  /** Whether the box keeps using it; by default it is used for the build only. */
  keep: z.boolean("must be true or false").default(false),
});

/** `name`, or alternatives: `libgl1-mesa-glx|libgl1+libglx-mesa0` is the first, or else both of the others. */
const packageEntry = z
  .string("must be a package's name")
  .regex(
    /^[a-z0-9][a-z0-9.+-]*(\|[a-z0-9][a-z0-9.+-]*)*$/,
    "must be a package's name, or alternatives such as `libgl1-mesa-glx|libgl1+libglx-mesa0`",
  );

const scripts = z.array(
  z.string("must be a line such as `stage-1/custom/prepare.sh --fast`").min(1, "must name a script"),
);

export const userConfigSchema = z.strictObject({
  image: z.strictObject({
    /** Image that the box is built on. */
    base: imageReference,
    ...imageOptions,
  }),
  build: z
    .strictObject({
      /** Use the proxies of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY), if there are any. */
      enable_global_proxy: z.boolean("must be true or false").default(true),
      /** Nothing of a proxy stays in the image; this is always so, and the key only says it. */
      remove_global_proxy_after_build: z
        .literal(
          true,
          "is refused: a proxy must not be kept in the image. Set it to true; a running box can be given a proxy of its own",
        )
        .default(true),
      /**
       * Certificate authorities that build and box trust beside the distribution's own, for networks whose proxy
       * inspects TLS: `host` for the ones added to this machine, or paths of files in PEM or DER form and folders of them.
       */
      ca_certificates: z
        .union([z.literal("host"), z.array(z.string())], 'must be "host" or a list of files')
        .default([]),
      /** Packages of the distribution. */
      packages: z.array(packageEntry).default([]),
      apt: aptOptions.optional(),
      /** Ends the build when sources of packages that the base brings besides the distribution's cannot be used; else it warns. */
      require_apt_sources: z.boolean("must be true or false").default(false),
      /** `LANG` in the box. */
      locale: z
        .string("must be a locale")
        .regex(/^(C|[a-z]{2,3}_[A-Z]{2})\.UTF-8$/, "must be a UTF-8 locale, for example `en_US.UTF-8`")
        .default("C.UTF-8"),
      /** Name of the IANA time zone database. */
      timezone: z
        .string("must be a time zone")
        .refine(isTimezone, "must be a time zone, for example `Europe/Berlin`")
        .default("Etc/UTC"),
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
              context.addIssue({
                code: "custom",
                path: [index, key],
                input: one[key],
                message: "is used by another user",
              });
            }
          });
        }
      }),
    /** Public keys that may log in: "~" for every `~/.ssh/id_*.pub` and the SSH agent's keys, a file, or a key itself. */
    pubkey_file: pubkeyFile.default("~"),
  }),
  storage: storageOptions.prefault({}),
  custom: z
    .strictObject({
      /**
       * Scripts below `scripts/stage-1/` or `scripts/stage-2/`, in `system/` or `custom/`, with their arguments, run as root while the image
       * is built, in this order.
       */
      on_build: scripts.default([]),
      /** Scripts in the same places with their arguments, run in the box when it is new or when they change. */
      on_first_run: firstRunOptions.default([]),
    })
    .prefault({}),
});

export type UserConfig = z.output<typeof userConfigSchema>;

function isTimezone(name: string): boolean {
  try {
    return /\//.test(name) && new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
