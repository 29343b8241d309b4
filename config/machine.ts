/** One machine as declared: everything the program needs to know, checked and frozen. */
export interface Machine {
  /** Prefix of everything this stack has on an engine, `<project>-<stack>`, so that two stacks never meet. */
  readonly name: string;
  readonly base: Base;
  readonly gpu: "none" | "all";
  readonly users: readonly [User, ...User[]];
  readonly ssh: {
    readonly bind: "127.0.0.1";
    readonly port: number;
    /** Lines in authorized_keys form. */
    readonly publicKeys: readonly string[];
  };
  /** Certificate authorities in PEM form that the box trusts beside the distribution's own. */
  readonly caCertificates: readonly string[];
  readonly firstRun: readonly FirstRunScript[];
}

export type Base = RegistryBase | DebootstrapBase;

export interface RegistryBase {
  readonly kind: "registry";
  /** Image reference as written in the configuration. */
  readonly reference: string;
}

export interface DebootstrapBase {
  readonly kind: "debootstrap";
  readonly suite: string;
  /** Package mirror; undefined for the one that debootstrap knows. */
  readonly mirror?: string | undefined;
}

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Undefined: keys only. A secret: it must not reach an output, a log or a state in clear. */
  readonly password?: string | undefined;
}

export interface FirstRunScript {
  /** Short unique name, for example `uv`. */
  readonly id: string;
  /** Path below `scripts/`, for example `stage-1/system/uv/install-uv.sh`. */
  readonly script: string;
  readonly arguments: readonly string[];
}
