import type { Device } from "./device.ts";
import type { BoxNetwork } from "./network.ts";
import type { Mirrors } from "./tool-sources.ts";
import type { X11 } from "./x11.ts";

/** The validated and frozen configuration of a stack: the box and where it runs. */
export interface Machine {
  /** Name prefix of everything that the stack has on a Docker Engine, `<project>-<stack>`, so that stacks never collide. */
  readonly name: string;
  /** Address of the Docker Engine as in DOCKER_HOST; undefined for the one that the docker client uses. */
  readonly dockerHost?: string | undefined;
  /** Folder with the certificates for it, as in DOCKER_CERT_PATH; undefined for those that the docker client uses. */
  readonly dockerCerts?: string | undefined;
  readonly base: Base;
  readonly build: Build;
  readonly gpu: GpuSettings;
  readonly limits: Limits;
  readonly users: readonly [User, ...User[]];
  /** Kernel capabilities besides those that every box has, for example `CAP_SYS_ADMIN`. */
  readonly capabilities: readonly string[];
  /** Whether the box's users may create user namespaces. */
  readonly userNamespaces: boolean;
  readonly security: Security;
  /** The processes that the box sees: its own, or all of the Docker host. */
  readonly pid: "private" | "host";
  /** The paths that outlive the container, parents before their children. */
  readonly storage: readonly StoragePlace[];
  readonly mounts: readonly Mount[];
  /** Device files of the Docker host. */
  readonly devices: readonly Device[];
  /** Ports that are published in addition to SSH's. */
  readonly ports: readonly PublishedPort[];
  readonly network: BoxNetwork;
  /** Environment variables for every session in the box. */
  readonly environment: Readonly<Record<string, string>>;
  /** Environment variables for SSH sessions whose values are secrets. */
  readonly secrets: readonly Secret[];
  readonly hostname: string;
  readonly ssh: {
    /** Address that the box's SSH server is published on, IPv4 or IPv6. */
    readonly bind: string;
    /** See `BoxRoute`. */
    readonly host: string;
    readonly jump?: string | undefined;
    readonly port: number;
    /** Incremented by `npm run rotate-keys`: the stack's keys are regenerated when it changes. */
    readonly keyGeneration: number;
  };
  /** Messages about a valid configuration that every run prints. */
  readonly notices: readonly Notice[];
  readonly x11: X11;
  /** Certificate authorities in PEM form that the build and the box trust besides the distribution's own. */
  readonly caCertificates: readonly string[];
  /** `user.name` and `user.email` from this host's git configuration, if set. */
  readonly gitIdentity: Readonly<Record<string, string>>;
  /** Sorted so that each step follows the ones it needs. */
  readonly firstRun: readonly FirstRunStep[];
  readonly hooks: Hooks;
  readonly tools: ToolSettings;
}

export interface GpuSettings {
  /** Indices and UUIDs as nvidia-smi lists them. */
  readonly devices: "none" | "all" | readonly string[];
  /** The GPUs by what they are, instead of by name: `devices` is `all` until they are chosen; see `withChosenGpus`. */
  readonly choice?: GpuChoice | undefined;
  /** How they get into the box: through the Container Device Interface, through the NVIDIA runtime, or as the Docker Engine supports. */
  readonly mode: "auto" | "cdi" | "runtime";
  readonly clocks?: GpuClocks | undefined;
}

export interface Security {
  /** A seccomp profile as JSON, or `unconfined`; undefined for the Docker Engine's own. */
  readonly seccomp?: string | undefined;
  /** Name of a profile, or `unconfined`; undefined for the Docker Engine's own. */
  readonly apparmor?: string | undefined;
  readonly privileged: boolean;
}

export interface GpuChoice {
  /** Words of the name that nvidia-smi prints, for example `H200`; undefined for any model. */
  readonly model?: string | undefined;
  /** Undefined for all of that model. */
  readonly count?: number | undefined;
}

/** Pinned GPU clocks in MHz: locked to ranges, or set as application clocks. */
export interface GpuClocks {
  readonly graphics?: readonly [number, number] | undefined;
  readonly memory?: readonly [number, number] | undefined;
  readonly applications?: { readonly memory: number; readonly graphics: number } | undefined;
}

/** Sizes in bytes. An undefined limit is that of the Docker host, or NVIDIA's recommendation where the host allows it. */
export interface Limits {
  /** Size of /dev/shm; undefined where the box uses the host's. */
  readonly shm?: number | undefined;
  /** The shared memory of the box: its own, its own that other containers may join, or the host's. */
  readonly ipc: "private" | "shareable" | "host";
  readonly memlock?: number | "unlimited" | undefined;
  readonly stack?: number | undefined;
  /** Number of files that a process may have open. */
  readonly nofile?: number | undefined;
  /** Number of processes of a user, on the whole host. */
  readonly nproc?: number | undefined;
  readonly rtprio?: number | undefined;
  /** CPUs, as in `0-3,8`, or `gpu` for those next to the box's GPUs. */
  readonly cpuset?: string | undefined;
  /** The same for memory nodes. */
  readonly cpusetMems?: string | undefined;
  readonly hugepages?: "2m" | "1g" | undefined;
  readonly oomScoreAdj?: number | undefined;
  readonly cpus?: number | undefined;
  readonly memory?: number | undefined;
  /** Swap beyond `memory`. */
  readonly swap?: number | undefined;
  /** Maximum number of processes and threads. */
  readonly pids?: number | "unlimited" | undefined;
  /** The container's log: maximum file size, and number of files. */
  readonly log: { readonly maxSize: number; readonly maxFile: number };
}

/** A limit for each process in the box: `memlock` and `stack` in bytes, the others as numbers. */
export type Ulimit = "memlock" | "stack" | "nofile" | "nproc" | "rtprio";

export type Base = RegistryBase | DebootstrapBase;

export interface RegistryBase {
  readonly kind: "registry";
  /** Image reference as written in the configuration. */
  readonly reference: string;
  /** Id or digest that the image must have. */
  readonly id?: string | undefined;
  readonly onMismatch: "error" | "warn" | "ignore";
  /** Registries or references to try before the image's own registry. */
  readonly mirrors: readonly string[];
  /** For example `linux/arm64`; undefined for the platform of the Docker Engine. */
  readonly platform?: string | undefined;
}

export interface DebootstrapBase {
  readonly kind: "debootstrap";
  readonly suite: string;
  /** Package mirror; undefined for the default of debootstrap. */
  readonly mirror?: string | undefined;
}

/** The additions of the image to its base, except the users. */
export interface Build {
  /** Whether to use the proxies of the environment. */
  readonly useProxy: boolean;
  /** Names or alternatives, in the order in which they are installed. */
  readonly packages: readonly string[];
  readonly apt?: { readonly mirror: string; readonly keep: boolean } | undefined;
  /** Package sources of third parties, with the keys that apt checks them with. */
  readonly aptSources: readonly AptSource[];
  /** A mirror of PyPI's index, and whether the box keeps using it after the first run. */
  readonly pypi?: { readonly mirror: string; readonly keep: boolean } | undefined;
  /** The same for the folder of conda's channels. */
  readonly conda?: { readonly mirror: string; readonly keep: boolean } | undefined;
  /** Whether the build fails when it cannot use a package source of the base. */
  readonly requireAptSources: boolean;
  readonly locale: string;
  readonly timezone: string;
  /** Scripts that run as root, in this order. */
  readonly scripts: readonly Script[];
}

export interface AptSource {
  /** Names the files in the box. */
  readonly name: string;
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** The key file; `asc` for text, `gpg` for binary. */
  readonly key: { readonly extension: "asc" | "gpg"; readonly base64: string };
}

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, as `NAME`, or `NAME:ID` where the box may have to create it. */
  readonly groups: readonly string[];
  /** Name or path of the login shell. */
  readonly shell: string;
  /** Whether the user may become root by sudo, and whether without a password although the user has one. */
  readonly sudo: boolean | "nopasswd";
  /** Undefined for keys only. A secret: it must never appear in plain text in an output, a log or a state. */
  readonly password?: string | undefined;
  /** Keys that may log in, as lines of `authorized_keys`. */
  readonly publicKeys: readonly string[];
  /** Whether the keys of the SSH agent may log in as well. */
  readonly withAgent: boolean;
}

export interface Secret {
  readonly name: string;
  /** Undefined where only Pulumi can decrypt it. It must never appear in plain text in an output, a log or a state. */
  readonly value: string | undefined;
}

export interface Notice {
  readonly severity: "info" | "warning";
  readonly text: string;
}

/** A path in the box that outlives the container. */
export interface StoragePlace {
  /** Short name, the suffix of the volume's name: `home-peid`, `soft`, `data`, `workspace`. */
  readonly key: string;
  /** Path in the box. */
  readonly path: string;
  /** Folder on the Docker host; undefined for a volume. */
  readonly hostPath?: string | undefined;
}

/** What is mounted into the box in addition to its storage. */
export type Mount = HostMount | VolumeMount | TmpfsMount;

/** A folder, a file or a socket of the Docker host. */
export interface HostMount {
  readonly host: string;
  /** Path in the box. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** A volume that exists outside the stack, or one that the stack creates with a driver. */
export interface VolumeMount {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
  /** Undefined for a volume that exists outside the stack. */
  readonly created?: { readonly driver: string; readonly options: Readonly<Record<string, string>> } | undefined;
}

/** A folder in memory, which is empty after each start. */
export interface TmpfsMount {
  readonly path: string;
  /** Bytes. */
  readonly tmpfs: number;
}

/** A port of the box that is published on the Docker host. */
export interface PublishedPort {
  readonly host: number;
  readonly container: number;
  readonly protocol: "tcp" | "udp";
  /** Address of the Docker host that the port is published on. */
  readonly bind: string;
}

/** A line of `custom.on_build` or `custom.on_first_run`. */
export interface Script {
  /** Short name, unique in its list, for example `uv`. */
  readonly id: string;
  /** The tool that the script installs, which is its key in the lock file. */
  readonly tool: string;
  /** Path below `scripts/`, for example `stage-1/system/uv/install-uv.sh`. */
  readonly script: string;
  readonly arguments: readonly string[];
}

/** A line of `custom.on_first_run`. */
export interface FirstRunStep extends Script {
  /** The user who runs the step. */
  readonly user: string;
  /** Ids of the steps that must succeed before this one. */
  readonly needs: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Time limit in seconds. */
  readonly timeout: number;
  /** Number of retries after a network failure. */
  readonly retries: number;
  /** A shell command that succeeds while the tool works. */
  readonly probe?: string | undefined;
  /** Whether `up` fails when the step fails. */
  readonly required: boolean;
}

/** The scripts that run in the box again and again, each list in its order. */
export interface Hooks {
  /** At each start of the container. */
  readonly start: readonly Hook[];
  /** At each interactive login. */
  readonly login: readonly Hook[];
}

/** A line of `custom.on_every_start` or `custom.on_login`. */
export interface Hook extends Script {
  /** The user who runs the script; undefined for each user, at the own logins. */
  readonly user: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Time limit in seconds. */
  readonly timeout: number;
  /** Whether `up` fails when the script fails. */
  readonly required: boolean;
}

/** The users who run first-run steps, and the first user, without duplicates. */
export const stepUsers = ({ users, firstRun }: Pick<Machine, "users" | "firstRun">): string[] => [
  ...new Set([users[0].name, ...firstRun.map(({ user }) => user)]),
];

/** How a stack selects and downloads tools. */
export interface ToolSettings {
  /** `locked`: the versions in the lock file. `latest`: the newest version when the tool is installed or upgraded. */
  readonly policy: "locked" | "latest";
  readonly mirrors: Mirrors;
}
