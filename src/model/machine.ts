import type { Mirrors } from "./tool-sources.ts";
import type { X11 } from "./x11.ts";

/** One machine as declared: everything the program needs to know, checked and frozen. */
export interface Machine {
  /** Prefix of everything this stack has on an engine, `<project>-<stack>`, so that two stacks never meet. */
  readonly name: string;
  /** Address of the Docker Engine as in DOCKER_HOST; undefined for the one that the docker client uses. */
  readonly dockerHost?: string | undefined;
  /** Folder of the certificates for it, as in DOCKER_CERT_PATH; undefined for what the docker client has. */
  readonly dockerCerts?: string | undefined;
  readonly base: Base;
  readonly build: Build;
  readonly gpu: GpuSettings;
  readonly limits: Limits;
  readonly users: readonly [User, ...User[]];
  /** Kernel capabilities beside those that every box has, as `CAP_SYS_ADMIN`. */
  readonly capabilities: readonly string[];
  /** Whether the box's users may make user namespaces. */
  readonly userNamespaces: boolean;
  /** What outlives the container, the outer places before those in them. */
  readonly storage: readonly StoragePlace[];
  readonly mounts: readonly Mount[];
  /** Published beside SSH's. */
  readonly ports: readonly PublishedPort[];
  /** Variables that every session in the box has. */
  readonly environment: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly ssh: {
    /** Address that the box's SSH server is published on, IPv4 or IPv6. */
    readonly bind: string;
    /** See `BoxRoute`. */
    readonly host: string;
    readonly jump?: string | undefined;
    readonly port: number;
    /** Raised by `npm run rotate-keys`: the stack's keys are made anew when it changes. */
    readonly keyGeneration: number;
  };
  /** What each run of the program says of the configuration, though nothing is wrong with it. */
  readonly notices: readonly Notice[];
  readonly x11: X11;
  /** Certificate authorities in PEM form that build and box trust beside the distribution's own. */
  readonly caCertificates: readonly string[];
  /** `user.name` and `user.email` of this machine's git, as far as they are set. */
  readonly gitIdentity: Readonly<Record<string, string>>;
  /** In an order in which each comes after what it needs. */
  readonly firstRun: readonly FirstRunStep[];
  readonly tools: ToolSettings;
}

export interface GpuSettings {
  /** Indices and UUIDs as nvidia-smi lists them. */
  readonly devices: "none" | "all" | readonly string[];
  /** How they get into the box: by the Container Device Interface, by NVIDIA's runtime, or as the engine offers it. */
  readonly mode: "auto" | "cdi" | "runtime";
  readonly clocks?: GpuClocks | undefined;
}

/** What the GPUs' clocks are pinned to, in MHz: locked to ranges, or set for applications. */
export interface GpuClocks {
  readonly graphics?: readonly [number, number] | undefined;
  readonly memory?: readonly [number, number] | undefined;
  readonly applications?: { readonly memory: number; readonly graphics: number } | undefined;
}

/** Sizes in bytes. What is undefined is as the machine has it, or as NVIDIA advises where the machine allows that. */
export interface Limits {
  /** Of /dev/shm; undefined where it is the machine's own. */
  readonly shm?: number | undefined;
  /** Whose shared memory the box sees: its own, its own that other containers may join, or the machine's. */
  readonly ipc: "private" | "shareable" | "host";
  readonly memlock?: number | "unlimited" | undefined;
  readonly stack?: number | undefined;
  /** Files that a program may have open. */
  readonly nofile?: number | undefined;
  readonly cpus?: number | undefined;
  readonly memory?: number | undefined;
  /** Beyond the memory. */
  readonly swap?: number | undefined;
  /** Processes and threads. */
  readonly pids?: number | "unlimited" | undefined;
  /** The container's log: size of a file, and how many there are. */
  readonly log: { readonly maxSize: number; readonly maxFile: number };
}

/** Limits of each process in the box: `memlock` and `stack` in bytes, `nofile` a number of files. */
export type Ulimit = "memlock" | "stack" | "nofile";

export type Base = RegistryBase | DebootstrapBase;

export interface RegistryBase {
  readonly kind: "registry";
  /** Image reference as written in the configuration. */
  readonly reference: string;
  /** Image id or digest that it must have. */
  readonly id?: string | undefined;
  readonly onMismatch: "error" | "warn" | "ignore";
  /** Registries or references to try before its own. */
  readonly mirrors: readonly string[];
  /** `linux/arm64`; undefined for the engine's own. */
  readonly platform?: string | undefined;
}

export interface DebootstrapBase {
  readonly kind: "debootstrap";
  readonly suite: string;
  /** Package mirror; undefined for the one that debootstrap knows. */
  readonly mirror?: string | undefined;
}

/** What the image gets on top of its base, beside the users. */
export interface Build {
  /** Whether the environment's proxies are used. */
  readonly useProxy: boolean;
  /** Names or alternatives, in the order in which they are installed. */
  readonly packages: readonly string[];
  readonly apt?: { readonly mirror: string; readonly keep: boolean } | undefined;
  /** Whether sources of packages that the base brings, and that cannot be used, end the build. */
  readonly requireAptSources: boolean;
  readonly locale: string;
  readonly timezone: string;
  /** Run as root, in this order. */
  readonly scripts: readonly Script[];
}

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether the user may become root by sudo. */
  readonly sudo: boolean;
  /** Undefined: keys only. A secret: it must not reach an output, a log or a state in clear. */
  readonly password?: string | undefined;
  /** Keys that may log in, lines in authorized_keys form. */
  readonly publicKeys: readonly string[];
  /** Whether the keys of the SSH agent may log in, too. */
  readonly withAgent: boolean;
}

export interface Notice {
  readonly severity: "info" | "warning";
  readonly text: string;
}

/** A place in the box that outlives the container. */
export interface StoragePlace {
  /** Short name, of which its volume's is made: `home-peid`, `soft`, `data`, `workspace`. */
  readonly key: string;
  /** Where it is in the box. */
  readonly path: string;
  /** Folder of the engine's machine; undefined for a volume. */
  readonly hostPath?: string | undefined;
}

/** A folder of the engine's machine that the box sees. */
export interface Mount {
  readonly host: string;
  /** Where it is in the box. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** A port of the box that is published on the engine's machine. */
export interface PublishedPort {
  readonly host: number;
  readonly container: number;
  /** Address of the engine's machine. */
  readonly bind: string;
}

/** A line of `custom.on_build` or `custom.on_first_run`. */
export interface Script {
  /** Short name, unique in its list, for example `uv`. */
  readonly id: string;
  /** What it installs, by the script's own name: the lock file has it under this. */
  readonly tool: string;
  /** Path below `scripts/`, for example `stage-1/system/uv/install-uv.sh`. */
  readonly script: string;
  readonly arguments: readonly string[];
}

/** A line of `custom.on_first_run`. */
export interface FirstRunStep extends Script {
  /** Who runs it. */
  readonly user: string;
  /** Ids of the steps that must have succeeded before. */
  readonly needs: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds after which it is ended. */
  readonly timeout: number;
  /** How often it is tried again when the network is the reason that it failed. */
  readonly retries: number;
  /** A shell command that succeeds as long as all is well. */
  readonly probe?: string | undefined;
  /** Whether an `up` fails when it does. */
  readonly required: boolean;
}

/** Who runs steps of the first run, each once. */
export const stepUsers = ({ users, firstRun }: Pick<Machine, "users" | "firstRun">): string[] => [
  ...new Set([users[0].name, ...firstRun.map(({ user }) => user)]),
];

/** How a stack uses the lock file. */
export interface ToolSettings {
  /** `locked`: what the lock file says. `latest`: what the publisher has, when the tool is installed or upgraded. */
  readonly policy: "locked" | "latest";
  readonly mirrors: Mirrors;
}
