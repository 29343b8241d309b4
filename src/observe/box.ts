import { containerLabels } from "../model/container-mark.ts";
import { type DeviceRequest, givenGpus } from "../model/gpu.ts";
import { sshListenVariable } from "../model/network.ts";
import type { EngineLimits } from "../model/running-limits.ts";
import type { BoxContainer, BoxObservation } from "./box-observation.ts";
import { inspect } from "./docker.ts";
import type { Inspected } from "./images.ts";
import { inspectBox, readMarkers } from "./inspect-box.ts";
import { detachedFromNetwork, observeStray } from "./stray.ts";

/** The parts of `docker container inspect` that benchbox reads. */
export interface InspectedContainer extends Inspected {
  readonly Id: string;
  readonly State: {
    readonly Running: boolean;
    readonly Paused: boolean;
    /** Year 1 for never, like `FinishedAt`. */
    readonly StartedAt: string;
    readonly FinishedAt: string;
    /** Why its last start failed; empty when it succeeded. */
    readonly Error: string;
  };
  readonly Config: Inspected["Config"] & { readonly Image: string };
  readonly Mounts: readonly { readonly Destination: string; readonly Name?: string; readonly Source: string }[];
  readonly HostConfig: {
    readonly DeviceRequests: readonly DeviceRequest[] | null;
    readonly Devices: readonly { readonly PathOnHost: string }[] | null;
    readonly Ulimits: readonly { readonly Name: string }[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly NetworkMode?: string;
  } & EngineLimits;
  readonly NetworkSettings: { readonly Ports: Ports; readonly Networks: Readonly<Record<string, unknown>> };
}

/**
 * Observes a box by two requests at the same time, one to the Docker Engine and one to the box itself.
 *
 * @param users the users whose first-run steps are observed
 * @param inspecting the inspection of the container, where one has already begun
 */
export async function observeBox(
  name: string,
  users: readonly string[],
  inspecting = inspectContainer(name),
): Promise<BoxObservation> {
  const [inspected, inside] = await Promise.all([inspecting, inspectBox(name, users)]);
  const isOurs = inspected?.Config.Labels?.[containerLabels.box] === name;
  const stray = isOurs ? detachedFromNetwork(name, inspected) : await observeStray(name, inspected?.Config.Image);
  if (inspected === undefined) return { state: "absent", stray, steps: new Map() };
  const published =
    inspected.HostConfig.NetworkMode === "host" && inspected.State.Running
      ? (inspected.Config.Env ?? []).flatMap((line) =>
          line.startsWith(`${sshListenVariable}=`) ? [line.slice(sshListenVariable.length + 1)] : [],
        )
      : publishedPorts(inspected.NetworkSettings.Ports);
  // A container of an earlier version has no label either, but it has its keys.
  if (stray === undefined && !isOurs && (await readMarkers(name, users)).startedUnder === undefined)
    return { state: "absent", published, isByHand: true, steps: new Map() };
  const { DeviceRequests, Devices, Ulimits, SecurityOpt, NetworkMode, ...engineLimits } = inspected.HostConfig;
  const { Running: isUp, Paused: isPaused, StartedAt: startedAt, FinishedAt: stoppedAt } = inspected.State;
  const settings = {
    gpus: givenGpus(DeviceRequests),
    devices: (Devices ?? []).map(({ PathOnHost }) => PathOnHost),
    hasStarted: !startedAt.startsWith("0001-"),
    ulimits: (Ulimits ?? []).map(({ Name }) => Name),
    securityOpts: SecurityOpt ?? [],
    engineLimits,
  };
  const container = containerOf(inspected);
  if (stray !== undefined) return { state: "unreachable", container, ...settings, stray, steps: new Map() };
  if (!isUp) return { state: "stopped", stoppedAt, container, ...settings, ...(await readMarkers(name, users)) };
  if (isPaused) return { state: "paused", published, container, ...settings, ...(await readMarkers(name, users)) };
  if (typeof inside !== "string") return { state: "running", published, container, ...settings, ...inside };
  const notChecked = [`the inside of the box: it runs, but ${inside}`];
  return { state: "unreachable", published, container, ...settings, notChecked, ...(await readMarkers(name, users)) };
}

/** The container alone; undefined without one. */
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
