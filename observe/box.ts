import { containerLabels } from "../lib/container-mark.ts";
import { type DeviceRequest, type GivenGpus, givenGpus } from "../lib/gpu.ts";
import type { EngineLimits } from "../lib/running-limits.ts";
import type { StepMarker } from "../lib/step-marker.ts";
import { type Inspected, inspect } from "./images.ts";
import { lookInside, readMarkers } from "./inside.ts";
import { cutOff, observeStray, type Stray } from "./stray.ts";

/** What there is of one stack's box, as far as it could be seen. Looking changes nothing. */
export interface BoxObservation {
  /** `unreachable`: it is there and runs, but nothing is known of its inside; see `notChecked`. */
  readonly state: "absent" | "stopped" | "paused" | "running" | "unreachable";
  /** What it has of the machine's ports now, `127.0.0.1:22022`. */
  readonly published?: readonly string[] | undefined;
  /** Undefined when it is absent. */
  readonly container?: BoxContainer | undefined;
  /** What keeps the program from its container, with what mends it; see `observeStray` and `cutOff`. */
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

/** What the engine says of a container, as far as it matters here. */
export interface InspectedContainer extends Inspected {
  readonly Id: string;
  readonly State: {
    readonly Running: boolean;
    readonly Paused: boolean;
    /** Year 1 for never, as `FinishedAt`. */
    readonly StartedAt: string;
    readonly FinishedAt: string;
    /** What kept it from its last start; empty when it started. */
    readonly Error: string;
  };
  readonly Config: Inspected["Config"] & { readonly Image: string };
  readonly Mounts: readonly { readonly Destination: string; readonly Name?: string; readonly Source: string }[];
  readonly HostConfig: {
    readonly DeviceRequests: readonly DeviceRequest[] | null;
    readonly Ulimits: readonly { readonly Name: string }[] | null;
    readonly SecurityOpt: readonly string[] | null;
  } & EngineLimits;
  readonly NetworkSettings: { readonly Ports: Ports; readonly Networks: Readonly<Record<string, unknown>> };
}

/**
 * The engine and the box itself are asked at one time, by one question each.
 *
 * @param users those whose steps count
 * @param asked what the engine says of the container, where it has been asked already
 */
export async function observeBox(
  name: string,
  users: readonly string[],
  asked = inspectContainer(name),
): Promise<BoxObservation> {
  const [inspected, inside] = await Promise.all([asked, lookInside(name, users)]);
  const isOurs = inspected?.Config.Labels?.[containerLabels.box] === name;
  const stray = isOurs ? cutOff(name, inspected) : await observeStray(name, inspected?.Config.Image);
  if (inspected === undefined) return { state: "absent", stray, steps: new Map() };
  const published = publishedPorts(inspected.NetworkSettings.Ports);
  // One of an earlier version has no label either, but was handed its keys.
  if (stray === undefined && !isOurs && (await readMarkers(name, users)).startedUnder === undefined)
    return { state: "absent", published, isByHand: true, steps: new Map() };
  const { DeviceRequests, Ulimits, SecurityOpt, ...engineLimits } = inspected.HostConfig;
  const { Running: isUp, Paused: isPaused, StartedAt: startedAt, FinishedAt: stoppedAt } = inspected.State;
  const made = {
    gpus: givenGpus(DeviceRequests),
    hasStarted: !startedAt.startsWith("0001-"),
    ulimits: (Ulimits ?? []).map(({ Name }) => Name),
    securityOpts: SecurityOpt ?? [],
    engineLimits,
  };
  const container = containerOf(inspected);
  if (stray !== undefined) return { state: "unreachable", container, ...made, stray, steps: new Map() };
  if (!isUp) return { state: "stopped", stoppedAt, container, ...made, ...(await readMarkers(name, users)) };
  if (isPaused) return { state: "paused", published, container, ...made, ...(await readMarkers(name, users)) };
  if (typeof inside !== "string") return { state: "running", published, container, ...made, ...inside };
  const notChecked = [`the inside of the box: it runs, but ${inside}`];
  return { state: "unreachable", published, container, ...made, notChecked, ...(await readMarkers(name, users)) };
}

/** Only the container; undefined when there is none. */
export async function observeContainer(name: string): Promise<BoxContainer | undefined> {
  const inspected = await inspectContainer(name);
  return inspected && containerOf(inspected);
}

export async function inspectContainer(name: string): Promise<InspectedContainer | undefined> {
  const [inspected] = await inspect<InspectedContainer>("container", [name]);
  return inspected;
}

const containerOf = ({ Id, State, Config, Mounts }: InspectedContainer): BoxContainer => ({
  id: Id,
  declared: Config.Labels?.[containerLabels.declared],
  isRunning: State.Running && !State.Paused,
  mounted: new Map(Mounts.map(({ Destination, Name, Source }) => [Destination, Name ?? Source])),
});

type Ports = Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null;

const publishedPorts = (ports: Ports): string[] =>
  Object.values(ports ?? {}).flatMap((all) => (all ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`));
