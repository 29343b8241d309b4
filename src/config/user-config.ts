import { z } from "zod";
import { imageIdProblem } from "../model/image-id.ts";
import { parseReference, pullSources } from "../model/image-reference.ts";
import { firstRunOptions } from "./first-run.ts";
import { storageOptions } from "./storage.ts";

/**
 * `user_config.yml`: the contents of the box. The form is that of PeiDocker (https://github.com/igamenovoer/PeiDocker), which builds
 * images from such a file. A key that is not listed here is an error, so that a misspelt option is never silently ignored.
 */

const linuxName = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_-]{0,31}$/,
    "must be a Linux user name: up to 32 characters of a-z, 0-9, `-` and `_`, starting with a letter or `_`",
  );

/** The distribution uses ids below 1000 for its own accounts; 65534 is `nobody`. */
const accountId = z
  .int("must be a whole number, for example 3100")
  .min(1000, "must be at least 1000: lower ids belong to the system")
  .max(60000, "must be at most 60000: higher ids are reserved");

/** A bare ~ is `null` in YAML, where the user meant "~". */
const pubkeyFile = z
  .string('must be "~" for the keys of this host and its SSH agent, a path, or a public key')
  .min(1, "must not be empty; omit the key to use the keys of this host")
  .nullable();

const user = z.strictObject({
  name: linuxName.refine((name) => name !== "root", "must not be `root`: root cannot log in; choose another name"),
  /** Allows password logins. @default none: keys only */
  password: z
    .string('must be a quoted string, for example "123456": YAML reads bare digits as a number')
    .min(1, "must not be empty; omit the key to allow keys only")
    .regex(/^[^\n\r\0]*$/, "must be one line")
    .optional(),
  uid: accountId,
  gid: accountId,
  /** Allows sudo in the box, with the user's password, or without one if the user has none. */
  sudo: z.boolean("must be true or false").default(true),
  /** Replaces `ssh.pubkey_file` for this user. */
  pubkey_file: pubkeyFile.optional(),
});

/** Adds an issue when `parse` throws. */
function addThrown(parse: () => unknown, context: z.RefinementCtx): void {
  try {
    parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.addIssue({ code: "custom", message: message.replace(/^"[^"]*" /, "") }); // the reported problem already contains the value
  }
}

const imageReference = z
  .string("must be an image reference")
  .regex(/^[\w.-]+(:\d+)?(\/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/, {
    error: "must be an image reference, for example `nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04`",
    abort: true,
  })
  .superRefine((reference, context) => addThrown(() => parseReference(reference), context));

const imageId = z
  .string('must be a quoted string, for example "468c101db63b": YAML reads some ids as numbers')
  .superRefine((id, context) => {
    const problem = imageIdProblem(id);
    if (problem !== undefined) context.addIssue({ code: "custom", message: `is not an image id: ${problem}` });
  });

/** Options that a stack may override, because they depend on where the box runs. */
export const imageOptions = {
  /** The id (short or full) or digest that the base must have. */
  id: imageId.optional(),
  /** What to do when the pulled base has another id. @default error */
  on_id_mismatch: z.enum(["error", "warn", "ignore"], 'must be "error", "warn" or "ignore"').optional(),
  /** Registries to try before the base's own, in this order: `HOST[:PORT][/PATH]`, or a full reference. */
  mirrors: z
    .array(
      z
        .string("must be a registry, for example `docker.1ms.run`")
        .regex(/^[\w.-]+(:\d+)?(\/[\w.:@-]+)*$/, {
          error: "must be a registry without https://, for example `docker.1ms.run`",
          abort: true,
        })
        .superRefine((mirror, context) => addThrown(() => pullSources("any", [mirror]), context)),
    )
    .optional(),
  /** `OS/ARCHITECTURE` to pull and build for. @default the platform of the Docker Engine */
  platform: z
    .string("must be a platform")
    .regex(/^linux\/[a-z0-9]+(\/v\d)?$/, "must be a platform, for example `linux/arm64`")
    .optional(),
};

/** Mirrors with a short name. */
const aptMirrorNames = ["tuna", "aliyun", "ustc", "163", "cn"] as const;

/** The source of the distribution's packages; a stack may override it. */
export const aptOptions = z.strictObject({
  /** A short name, or the address of a mirror's folder for the distribution. */
  mirror: z
    .string("must be a mirror name or address")
    .refine(
      (mirror) =>
        (aptMirrorNames as readonly string[]).includes(mirror) || /^https?:\/\/[^\s/@]+(\/[^\s@]*)?$/.test(mirror),
      `must be one of ${aptMirrorNames.map((name) => `"${name}"`).join(", ")}, ` +
        "or an http or https address without credentials: the state stores it",
    ),
  /** Whether the box keeps using the mirror. @default false: the build uses it, and the box does not */
  keep: z.boolean("must be true or false").default(false),
});

/** `name`, or alternatives: `a|b+c` is the package `a`, or the packages `b` and `c` if the distribution does not have `a`. */
const packageEntry = z
  .string("must be a package name")
  .regex(
    /^[a-z0-9][a-z0-9.+-]*(\|[a-z0-9][a-z0-9.+-]*)*$/,
    "must be a package name, or alternatives such as `libgl1-mesa-glx|libgl1+libglx-mesa0`",
  );

const scripts = z.array(
  z.string("must be a line such as `stage-1/custom/prepare.sh --fast`").min(1, "must name a script"),
);

export const userConfigSchema = z.strictObject({
  image: z.strictObject({
    /** Image that the box is based on. */
    base: imageReference,
    ...imageOptions,
  }),
  build: z
    .strictObject({
      /** Whether to use the proxies of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY). */
      enable_global_proxy: z.boolean("must be true or false").default(true),
      /** No proxy setting ever stays in the image. The key exists for compatibility with PeiDocker, and must be true. */
      remove_global_proxy_after_build: z
        .literal(
          true,
          "is not allowed: a proxy must not stay in the image. Set it to true; you can configure a proxy in the running box",
        )
        .default(true),
      /**
       * Certificate authorities that the build and the box trust besides the distribution's own, for networks whose proxy
       * inspects TLS: `host` for the ones added to this host, or paths of PEM or DER files and of folders with such files.
       */
      ca_certificates: z
        .union([z.literal("host"), z.array(z.string())], 'must be "host" or a list of files')
        .default([]),
      /** Packages to install from the distribution. */
      packages: z.array(packageEntry).default([]),
      apt: aptOptions.optional(),
      /** Whether the build fails, instead of printing a warning, when it cannot use a third-party package source of the base. */
      require_apt_sources: z.boolean("must be true or false").default(false),
      /** Value of `LANG` in the box. */
      locale: z
        .string("must be a locale")
        .regex(/^(C|[a-z]{2,3}_[A-Z]{2})\.UTF-8$/, "must be a UTF-8 locale, for example `en_US.UTF-8`")
        .default("C.UTF-8"),
      /** Name in the IANA time zone database. */
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
                message: "is already used by another user",
              });
            }
          });
        }
      }),
    /** Public keys that may log in: "~" for every `~/.ssh/id_*.pub` and the keys of the SSH agent, or a file, or a public key. */
    pubkey_file: pubkeyFile.default("~"),
  }),
  storage: storageOptions.prefault({}),
  custom: z
    .strictObject({
      /**
       * Scripts below `scripts/stage-1/` or `scripts/stage-2/`, in `system/` or `custom/`, with their arguments, run as root during the
       * image build, in this order.
       */
      on_build: scripts.default([]),
      /** Scripts in the same places with their arguments, run in the box when it is new or a script changes. */
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
