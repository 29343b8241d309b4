import { z } from "zod";
import { environmentOptions, hostnameOption } from "./env-options.ts";
import { gpuSchema } from "./gpu-options.ts";
import { limitsSchema } from "./limit-options.ts";
import { mountOptions } from "./mounts.ts";
import { portOptions } from "./ports.ts";
import { storageOptions } from "./storage.ts";
import { toolOptions } from "./tool-options.ts";
import { aptOptions, imageOptions } from "./user-config.ts";
import { x11Options } from "./x11-options.ts";

/** `Pulumi.<stack>.yaml`: where the box runs. Every key stands there with the project's prefix, `benchbox:`. */

/** Debian suites whose package names the box's package list knows. */
const suites = ["trixie", "bookworm"] as const;

/** Of Linux 6.12 (include/uapi/linux/capability.h); there was none new since 5.9. */
const capabilities = [
  "CHOWN,DAC_OVERRIDE,DAC_READ_SEARCH,FOWNER,FSETID,KILL,SETGID,SETUID,SETPCAP,LINUX_IMMUTABLE,NET_BIND_SERVICE",
  "NET_BROADCAST,NET_ADMIN,NET_RAW,IPC_LOCK,IPC_OWNER,SYS_MODULE,SYS_RAWIO,SYS_CHROOT,SYS_PTRACE,SYS_PACCT,SYS_ADMIN",
  "SYS_BOOT,SYS_NICE,SYS_RESOURCE,SYS_TIME,SYS_TTY_CONFIG,MKNOD,LEASE,AUDIT_WRITE,AUDIT_CONTROL,SETFCAP,MAC_OVERRIDE",
  "MAC_ADMIN,SYSLOG,WAKE_ALARM,BLOCK_SUSPEND,AUDIT_READ,PERFMON,BPF,CHECKPOINT_RESTORE",
].flatMap((line) => line.split(",").map((name) => `CAP_${name}`));

const capability = z
  .string("must be a capability")
  .regex(/^(CAP_)?[A-Z]+(_[A-Z]+)*$/, "must be a capability, for example `SYS_PTRACE`")
  .refine((name) => name !== "ALL" && name !== "CAP_ALL", {
    error: "must not be ALL: name the ones that are needed",
    abort: true,
  })
  .transform((name) => (name.startsWith("CAP_") ? name : `CAP_${name}`))
  .refine((name) => capabilities.includes(name), "is none of the kernel's; see `man 7 capabilities`");

const holdsPassword = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.entries(value).some(([key, part]) => key === "password" || holdsPassword(part));

export const stackConfigSchema = z.strictObject({
  /** The Docker Engine to use, as in DOCKER_HOST; by default what the docker client uses. */
  docker_host: z
    .string("must be an address")
    .regex(/^(unix:\/\/\/|ssh:\/\/|tcp:\/\/)./, "must be a unix://, ssh:// or tcp:// address, as in DOCKER_HOST")
    .refine((address) => !/^[a-z]+:\/\/[^/@]*:[^/]*@/.test(address), {
      error: "must hold no password: it is shown in plans and logs. ssh has keys, and tcp:// has docker_certs",
    })
    .optional(),
  /** Another file than `user_config.yml`, or what this machine has otherwise than that says, in the same form. */
  user_config: z
    .union(
      [
        z.string().regex(/^[\w.-]+\.ya?ml$/, "must be the name of a .yml file beside user_config.yml"),
        z.record(z.string(), z.unknown()).refine((overlay) => !holdsPassword(overlay), {
          error: "must not hold passwords: Pulumi shows a stack's configuration. Write them into user_config.yml",
        }),
      ],
      "must be the name of a .yml file beside user_config.yml, or a mapping in its form",
    )
    .optional(),
  /** Folder with the ca.pem, cert.pem and key.pem that a `tcp://` engine wants, as in DOCKER_CERT_PATH. */
  docker_certs: z
    .string("must be a folder")
    .regex(/^(\/|~\/)./, "must be an absolute path, or start with `~/`")
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
  gpu: gpuSchema.prefault("all"),
  limits: limitsSchema.prefault({}),
  /** Kernel capabilities beside those that a box needs: NVIDIA's profilers want `SYS_ADMIN`, gdb and strace `SYS_PTRACE`. */
  capabilities: z.array(capability).default([]),
  /**
   * Lets the box's users make user namespaces, which the sandboxes of coding agents need (Codex's, bubblewrap). It opens a part of the
   * kernel to them in which faults were found that lead out of a container.
   */
  user_namespaces: z.boolean("must be true or false").default(false),
  ssh: z
    .strictObject({
      /** Address that the box's SSH server is published on; one that other machines reach wants strong passwords or keys only. */
      bind: z
        .union(
          [z.ipv4(), z.ipv6()],
          "must be an IPv4 or IPv6 address of this machine, for example 127.0.0.1 or 0.0.0.0",
        )
        .default("127.0.0.1"),
      /** Accepts passwords that other machines could guess; each preview warns of it. */
      allow_weak_password: z.boolean("must be true or false").default(false),
      /** Raised by `npm run rotate-keys`. */
      key_generation: z.int("must be a whole number").min(0, "must not be negative").default(0),
      /** Port of that address. */
      port: z
        .int("must be a whole number, for example 22022")
        .min(1024, "must be at least 1024: lower ports need root")
        .max(65535, "must be at most 65535")
        .default(22022),
    })
    .prefault({}),
  /** Instead of those of `user_config.yml`'s `storage` that stand here. */
  storage: storageOptions.prefault({}),
  mounts: mountOptions,
  ports: portOptions,
  env: environmentOptions,
  /** The box's name for itself; by default `<project>-<stack>`. */
  hostname: hostnameOption,
  tools: toolOptions,
  /** Ways to the box's windows beside forwarding over SSH. */
  x11: x11Options,
});

export type StackConfig = z.output<typeof stackConfigSchema>;
