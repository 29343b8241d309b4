import type { GivenGpus } from "../model/gpu.ts";
import type { EngineLimits } from "../model/running-limits.ts";
import type { StepMarker } from "../model/step-marker.ts";
import type { Stray } from "./stray.ts";

/** The state of one stack's box, as far as it is visible. Observing changes nothing. */
export interface BoxObservation {
  /** `unreachable`: the container exists, but its inside could not be checked; see `notChecked` and `stray`. */
  readonly state: "absent" | "stopped" | "paused" | "running" | "unreachable";
  /** Addresses and ports of the host that it uses now, `127.0.0.1:22022`. */
  readonly published?: readonly string[] | undefined;
  /** Undefined when it is absent. */
  readonly container?: BoxContainer | undefined;
  /** Why the program cannot use the container, with the fix; see `observeStray` and `detachedFromNetwork`. */
  readonly stray?: Stray | undefined;
  /** Whether its name belongs to a container that was created by hand from the stack's image; the box itself is absent then. */
  readonly isByHand?: boolean | undefined;
  /** When the box was last stopped, which distinguishes one stop from the next. */
  readonly stoppedAt?: string | undefined;
  /** The trigger under which the box was last started and got its keys. */
  readonly startedUnder?: string | undefined;
  /** Keys that the SSH agent had when the box last got its keys. */
  readonly agentKeys?: readonly string[] | undefined;
  /** The GPUs that the container was created with. */
  readonly gpus?: GivenGpus | undefined;
  /** The device files of the host that it was created with. */
  readonly devices?: readonly string[] | undefined;
  /** Whether the container was ever started: the Docker Engine may reject its settings only then. */
  readonly hasStarted?: boolean | undefined;
  /** The message of NVIDIA's driver when the box has lost its GPUs, which a restart of the same container fixes. */
  readonly lostGpus?: string | undefined;
  /** The driver's message when the kernel runs another version of it than the box has, which a restart does not fix. */
  readonly otherDriver?: string | undefined;
  /** The names of the ulimits that it was created with. */
  readonly ulimits?: readonly string[] | undefined;
  /** Its current limits of the kind that can be changed while it runs. */
  readonly engineLimits?: EngineLimits | undefined;
  /** The security options that it was created with. */
  readonly securityOpts?: readonly string[] | undefined;
  /** Whether no program in it can gain privileges, as sudo must. */
  readonly noNewPrivileges?: boolean | undefined;
  /** The memory nodes of its host, as in `0-1`. */
  readonly memoryNodes?: string | undefined;
  /** The `oom_score_adj` of its SSH server's parent; undefined where the stack never set one. */
  readonly oomScoreAdj?: number | undefined;
  /** What somebody changed in it since it was created and started. */
  readonly changes?: readonly BoxChange[] | undefined;
  /** `UID:GID` of the users who have keys. */
  readonly ids?: ReadonlyMap<string, string> | undefined;
  /** The hooks in it; undefined without any. */
  readonly hooks?: HookObservation | undefined;
  /** The facts about its host that the box holds; see `Fingerprint`. */
  readonly fingerprint?: Readonly<Record<string, unknown>> | undefined;
  /** What could not be checked, and why; the rest is valid. */
  readonly notChecked?: readonly string[] | undefined;
  /** The first-run steps that left a marker, by id. */
  readonly steps: ReadonlyMap<string, StepObservation>;
}

/** The box's container, as the Docker Engine reports it. */
export interface BoxContainer {
  readonly id: string;
  /** Hash of the arguments that it was created with; undefined for a container of an earlier version. */
  readonly declared?: string | undefined;
  /** Whether programs can run in it. */
  readonly isRunning: boolean;
  /** Its mounts by path: the name of a volume, or a folder of the host. */
  readonly mounted: ReadonlyMap<string, string>;
}

/** Something in the box that somebody changed. */
export interface BoxChange {
  readonly what:
    | "host-key"
    | "sshd-config"
    | "packages"
    | "authorized-keys"
    | "password"
    | "shell"
    | "groups"
    | "sudo"
    | "sources"
    | "secrets";
  /** The user whose account changed, or the missing packages; otherwise `-`. */
  readonly name: string;
}

/** The scripts of `custom.on_every_start` and `custom.on_login` in the box. */
export interface HookObservation {
  /** The trigger that they were installed under. */
  readonly trigger: string;
  /** Whether somebody edited their files. */
  readonly isEdited: boolean;
  /** Why scripts failed at the last start of the container, by id. */
  readonly failures: ReadonlyMap<string, string>;
}

export interface StepObservation extends StepMarker {
  /** What is wrong with the installed tool, for example `/home/peid/.local/bin/uv is gone`. */
  readonly broken?: string | undefined;
}
