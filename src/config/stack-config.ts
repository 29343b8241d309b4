import { z } from "zod";
import "./key-meta.ts";
import { deviceOptions } from "./device-options.ts";
import { environmentOptions } from "./env-options.ts";
import { gpuSchema } from "./gpu-options.ts";
import { hostnameOption } from "./hostname-option.ts";
import { limitsSchema } from "./limit-options.ts";
import { mountOptions } from "./mounts.ts";
import { networkConfig } from "./network-options.ts";
import { portOptions } from "./ports.ts";
import { secretOptions } from "./secret-options.ts";
import { securityOptions } from "./security-options.ts";
import { storageOptions } from "./storage.ts";
import { toolOptions } from "./tool-options.ts";
import { aptOptions, imageOptions } from "./user-config.ts";
import { x11Options } from "./x11-options.ts";

/** `Pulumi.<stack>.yaml`: where and how the box runs. In the file, every key has the project's prefix, `benchbox:`. */

/** Debian suites that the box's package list has names for. */
const suites = ["trixie", "bookworm"] as const;

/** Kernel capabilities of Linux 6.12 (include/uapi/linux/capability.h); none was added since 5.9. */
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
    error: "must not be ALL: list the capabilities that are needed",
    abort: true,
  })
  .transform((name) => (name.startsWith("CAP_") ? name : `CAP_${name}`))
  .refine((name) => capabilities.includes(name), "is not a kernel capability; see `man 7 capabilities`");

const holdsPassword = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.entries(value).some(([key, part]) => key === "password" || holdsPassword(part));

export const stackConfigSchema = z.strictObject({
  docker_host: z
    .string("must be an address")
    .regex(/^(unix:\/\/\/|ssh:\/\/|tcp:\/\/)./, "must be a unix://, ssh:// or tcp:// address, as in DOCKER_HOST")
    .refine((address) => !/^[a-z]+:\/\/[^/@]*:[^/]*@/.test(address), {
      error:
        "must not contain a password: it is shown in plans and logs. Use SSH keys for ssh://, and docker_certs for tcp://",
    })
    .optional()
    .meta({
      description: "Address of the Docker Engine, as in DOCKER_HOST.",
      defaultText: "the engine that the docker client uses",
      examples: ["ssh://me@lab-3"],
      effect: "another box",
    }),
  user_config: z
    .union(
      [
        z.string().regex(/^[\w.-]+\.ya?ml$/, "must be the name of a .yml file next to user_config.yml"),
        z.record(z.string(), z.unknown()).refine((overlay) => !holdsPassword(overlay), {
          error: "must not contain passwords: Pulumi shows a stack's configuration. Put them into user_config.yml",
        }),
      ],
      "must be the name of a .yml file next to user_config.yml, or a mapping of the same form",
    )
    .optional()
    .meta({
      description:
        "A file to use instead of `user_config.yml`, or a mapping of the same form, without passwords, that overrides parts of it.",
      examples: [{ build: { packages: ["htop"] } }],
      effect: "as the key it overrides",
    }),
  docker_certs: z
    .string("must be a folder")
    .regex(/^(\/|~\/)./, "must be an absolute path, or start with `~/`")
    .optional()
    .meta({
      description: "Folder with ca.pem, cert.pem and key.pem for a `tcp://` Docker Engine, as in DOCKER_CERT_PATH.",
      defaultText: "the docker client's",
      examples: ["~/.docker/lab-3"],
      effect: "none",
    }),
  base: z
    .strictObject({
      debootstrap: z
        .strictObject({
          suite: z
            .enum(suites, `must be one of: ${suites.join(", ")}`)
            .meta({ description: "Debian suite.", examples: ["trixie"] }),
          mirror: z
            .url({ protocol: /^https?$/, error: "must be an http or https address" })
            .optional()
            .meta({
              description: "Package mirror.",
              defaultText: "the default of debootstrap",
              examples: ["http://deb.debian.org/debian"],
            }),
        })
        .meta({ description: "How `debootstrap` creates it." }),
    })
    .optional()
    .meta({
      description:
        "A base to use instead of `image.base`: a minimal Debian that `debootstrap` creates on this host, for hosts without " +
        "access to a container registry.",
      examples: [{ debootstrap: { suite: "trixie" } }],
      effect: "new image",
    }),
  image: z
    .strictObject(imageOptions)
    .prefault({})
    .meta({ description: "Overrides of `image` in `user_config.yml`.", effect: "new image" }),
  apt: aptOptions.optional().meta({
    description: "Replaces `build.apt` of `user_config.yml`.",
    examples: [{ mirror: "tuna" }],
    effect: "new image",
  }),
  gpu: gpuSchema.prefault("all").meta({ effect: "new container" }),
  limits: limitsSchema.prefault({}),
  capabilities: z
    .array(capability)
    .default([])
    .meta({
      description:
        "Kernel capabilities besides those that every box has: NVIDIA's profilers need `SYS_ADMIN`, gdb and strace `SYS_PTRACE`.",
      examples: [["SYS_PTRACE"]],
      effect: "new container",
    }),
  user_namespaces: z
    .boolean("must be true or false")
    .default(false)
    .meta({
      description:
        "Lets the box's users create user namespaces, which the sandboxes of coding agents need (Codex, bubblewrap). It exposes a " +
        "part of the kernel that has had vulnerabilities which allow a container escape.",
      examples: [true],
      effect: "new container",
    }),
  security: securityOptions,
  pid: z
    .enum(["private", "host"], 'must be "private" or "host"')
    .default("private")
    .meta({
      description:
        "The processes that the box sees. With `host`, nvidia-smi and nvitop show whose process uses a GPU; root in the box can end " +
        "processes of the Docker host, which each preview warns about.",
      examples: ["host"],
      effect: "new container",
    }),
  ssh: z
    .strictObject({
      bind: z
        .union(
          [z.ipv4(), z.ipv6()],
          "must be an IPv4 or IPv6 address of the Docker host, for example 127.0.0.1 or 0.0.0.0",
        )
        .default("127.0.0.1")
        .meta({
          description:
            "Address that the box's SSH server is published on. If other hosts can reach it, only keys or strong passwords are accepted.",
          examples: ["0.0.0.0"],
          effect: "new container",
        }),
      allow_weak_password: z
        .boolean("must be true or false")
        .default(false)
        .meta({
          description: "Accepts passwords that other hosts could guess; each preview warns about them.",
          examples: [true],
          effect: "none",
        }),
      key_generation: z
        .int("must be a whole number")
        .min(0, "must not be negative")
        .default(0)
        .meta({
          description: "The stack's SSH keys are created again when it changes. `npm run rotate-keys` increments it.",
          examples: [1],
          effect: "in place",
        }),
      port: z
        .int("must be a whole number, for example 22022")
        .min(1, "must be at least 1")
        .max(65535, "must be at most 65535")
        .default(22022)
        .meta({
          description: "Port that the SSH server is published on; below 1024 the Docker Engine must run as root.",
          examples: [22023],
          effect: "new container",
        }),
    })
    .prefault({})
    .meta({ description: "The box's SSH server." }),
  storage: storageOptions.prefault({}).meta({
    description: "Overrides of `storage` in `user_config.yml`, key by key.",
    effect: "new container",
  }),
  mounts: mountOptions,
  devices: deviceOptions,
  ports: portOptions,
  network: networkConfig,
  env: environmentOptions,
  secrets: secretOptions,
  hostname: hostnameOption,
  tools: toolOptions,
  x11: x11Options,
});

export type StackConfig = z.output<typeof stackConfigSchema>;
