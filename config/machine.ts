import type { X11 } from "./x11.ts";

/** One machine as declared: everything the program needs to know, checked and frozen. */
export interface Machine {
  /** Prefix of everything this stack has on an engine, `<project>-<stack>`, so that two stacks never meet. */
  readonly name: string;
  /** Address of the Docker Engine as in DOCKER_HOST; undefined for the one that the docker client uses. */
  readonly dockerHost?: string | undefined;
  readonly base: Base;
  readonly build: Build;
  readonly gpu: "none" | "all";
  readonly users: readonly [User, ...User[]];
  readonly ssh: {
    readonly bind: "127.0.0.1";
    readonly port: number;
    /** Lines in authorized_keys form. */
    readonly publicKeys: readonly string[];
  };
  readonly x11: X11;
  /** Certificate authorities in PEM form that build and box trust beside the distribution's own. */
  readonly caCertificates: readonly string[];
  /** `user.name` and `user.email` of this machine's git, as far as they are set. */
  readonly gitIdentity: Readonly<Record<string, string>>;
  readonly firstRun: readonly Script[];
}

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
  readonly locale: string;
  readonly timezone: string;
  /** Run as root, in this order. */
  readonly scripts: readonly Script[];
}

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Undefined: keys only. A secret: it must not reach an output, a log or a state in clear. */
  readonly password?: string | undefined;
}

/** A line of `custom.on_build` or `custom.on_first_run`. */
export interface Script {
  /** Short name, unique in its list, for example `uv`. */
  readonly id: string;
  /** Path below `scripts/`, for example `stage-1/system/uv/install-uv.sh`. */
  readonly script: string;
  readonly arguments: readonly string[];
}
