import type { GivenGpus } from "../model/gpu.ts";
import type { EngineLimits } from "../model/running-limits.ts";
import type { StepMarker } from "../model/step-marker.ts";
import type { Stray } from "./stray.ts";

/** What there is of one stack's box, as far as it could be seen. Looking changes nothing. */
export interface BoxObservation {
  /** `unreachable`: it is there and runs, but nothing is known of its inside; see `notChecked`. */
  readonly state: "absent" | "stopped" | "paused" | "running" | "unreachable";
  /** What it has of the machine's ports now, `127.0.0.1:22022`. */
  readonly published?: readonly string[] | undefined;
  /** Undefined when it is absent. */
  readonly container?: BoxContainer | undefined;
  /** What keeps the program from its container, with what mends it; see `observeStray` and `detachedFromNetwork`. */
  readonly stray?: Stray | undefined;
  /** Another container, made by hand from the stack's image, has its name: its own is absent. */
  readonly isByHand?: boolean | undefined;
  /** When the box was last stopped, for telling one stop from the next. */
  readonly stoppedAt?: string | undefined;
  /** The trigger under which the box was last started and handed its keys. */
  readonly startedUnder?: string | undefined;
  /** Keys that the SSH agent had when the box was last handed its keys. */
  readonly agentKeys?: readonly string[] | undefined;
  /** The GPUs that the container was made with. */
  readonly gpus?: GivenGpus | undefined;
  /** Whether the container was ever started: the engine may refuse what it was made with. */
  readonly hasStarted?: boolean | undefined;
  /** What NVIDIA's driver says when the box has lost them, which a restart of the same container mends. */
  readonly lostGpus?: string | undefined;
  /** Likewise when the kernel runs another version of the driver than the box has, which a restart does not mend. */
  readonly otherDriver?: string | undefined;
  /** The names of the ulimits that it was made with. */
  readonly ulimits?: readonly string[] | undefined;
  /** The limits that it has now and that a running container can be given. */
  readonly engineLimits?: EngineLimits | undefined;
  /** The security options that it was made with. */
  readonly securityOpts?: readonly string[] | undefined;
  /** Whether no program in it gains privileges, as sudo must. */
  readonly noNewPrivileges?: boolean | undefined;
  /** What in it is not as it was made or handed over. */
  readonly changes?: readonly BoxChange[] | undefined;
  /** `UID:GID` of the users who were handed keys. */
  readonly ids?: ReadonlyMap<string, string> | undefined;
  /** What the box was told of its machine; see `Fingerprint`. */
  readonly fingerprint?: Readonly<Record<string, unknown>> | undefined;
  /** What of it could not be checked, and why; whatever is known of the rest holds. */
  readonly notChecked?: readonly string[] | undefined;
  /** The first-run steps that left a marker, by id. */
  readonly steps: ReadonlyMap<string, StepObservation>;
}

/** The box's container, as the engine has it. */
export interface BoxContainer {
  readonly id: string;
  /** Hash of what it was made with; undefined for one of an earlier version. */
  readonly declared?: string | undefined;
  /** Whether programs can be run in it. */
  readonly isRunning: boolean;
  /** What is mounted in it, by path: a volume's name, or a folder of the engine's machine. */
  readonly mounted: ReadonlyMap<string, string>;
}

/** Something in the box that somebody changed. */
export interface BoxChange {
  readonly what: "host-key" | "sshd-config" | "packages" | "authorized-keys" | "password";
  /** The user whose it is, or the packages that are missing; else `-`. */
  readonly name: string;
}

export interface StepObservation extends StepMarker {
  /** What is wrong with what it installed, for example `/home/peid/.local/bin/uv is gone`. */
  readonly broken?: string | undefined;
}
