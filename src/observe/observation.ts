import { containerLabels, networkLabel, networkOptionsLabel } from "../model/container-mark.ts";
import { type Machine, type StoragePlace, stepUsers } from "../model/machine.ts";
import { mountedVolume, volumeName } from "../model/volume-name.ts";
import { agentKeys, observeAgent } from "./agent.ts";
import { observeBase } from "./base.ts";
import { inspectContainer, observeBox } from "./box.ts";
import type { BoxObservation } from "./box-observation.ts";
import { inspect, listByDocker } from "./docker.ts";
import { type HostObservation, observeHost } from "./host.ts";
import { type BuiltImage, observeImages } from "./images.ts";

/** The actual state of one stack: its host, its box, and its images. Observing changes nothing. */
export interface MachineObservation {
  readonly host: HostObservation;
  readonly box: BoxObservation;
  /** Keys of the SSH agent that may log in; see `agentKeys`. */
  readonly agentKeys: readonly string[];
  /** Identity of the base on the Docker Engine; undefined without one. */
  readonly base: string | undefined;
  /** The stack's images, newest first. */
  readonly images: readonly BuiltImage[];
  /** Volumes that are no longer in use: their storage place is a folder of the host now, or their user was removed. */
  readonly keptVolumes: readonly string[];
  /** The trigger that the box's network was created under, empty for one of an earlier version; undefined without a network. */
  readonly network: string | undefined;
  /** The label with the options of the box's network; undefined without options. */
  readonly networkOptions: string | undefined;
  /** The container whose network the box uses; undefined for none, or if it does not exist. */
  readonly joined: JoinedContainer | undefined;
}

/** A container that another one shares its network with. */
export interface JoinedContainer {
  readonly Id: string;
  readonly State: { readonly Running: boolean };
  readonly NetworkSettings: {
    readonly Ports: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    > | null;
  };
}

/** @throws NoAnswerError when the Docker Engine answers only some of the queries */
export async function observeMachine(machine: Machine): Promise<MachineObservation> {
  const { name, users } = machine;
  const container = inspectContainer(name);
  const [host, seen] = await Promise.all([
    observeHost(machine),
    Promise.all([
      observeBox(name, stepUsers(machine), container),
      users.some(({ withAgent }) => withAgent) ? observeAgent() : [],
      observeBase(machine.base),
      observeImages(name, container),
      observeKeptVolumes(machine),
      observeNetwork(name),
      observeJoined(machine),
    ]).catch((error: unknown) => error as Error),
  ]);
  if (seen instanceof Error) {
    // A problem with the Docker Engine itself explains more than the query that failed.
    if ("problem" in host.engine) return { host, ...emptyObservation };
    throw seen;
  }
  const [box, present, base, images, keptVolumes, network, joined] = seen;
  return {
    host,
    box,
    agentKeys: agentKeys(box.agentKeys ?? [], present),
    base,
    images,
    keptVolumes,
    ...network,
    joined,
  };
}

const emptyObservation: Omit<MachineObservation, "host"> = {
  box: { state: "absent", steps: new Map() },
  agentKeys: [],
  base: undefined,
  images: [],
  keptVolumes: [],
  network: undefined,
  networkOptions: undefined,
  joined: undefined,
};

async function observeJoined({ network: { kind, name } }: Machine): Promise<JoinedContainer | undefined> {
  return kind === "container" && name ? (await inspect<JoinedContainer>("container", [name]))[0] : undefined;
}

async function observeNetwork(name: string): Promise<Pick<MachineObservation, "network" | "networkOptions">> {
  type Inspected = { readonly Labels?: Readonly<Record<string, string>> | null };
  const [network] = await inspect<Inspected>("network", [name]);
  const labels = network?.Labels ?? {};
  return { network: network && (labels[networkLabel] ?? ""), networkOptions: labels[networkOptionsLabel] };
}

async function observeKeptVolumes({ name, storage, mounts }: Machine): Promise<string[]> {
  const isUsed = ({ hostPath }: StoragePlace): boolean => hostPath === undefined;
  const used = [
    ...storage.filter(isUsed).map(({ key }) => volumeName(name, key)),
    ...mounts.flatMap((one) => ("volume" in one ? [mountedVolume(name, one)] : [])),
  ];
  const unused = storage.filter((place) => !isUsed(place)).map(({ key }) => volumeName(name, key));
  const [labelled, named] = await Promise.all([
    listByDocker(["volume", "ls", "--quiet", "--filter", `label=${containerLabels.box}=${name}`]),
    inspect<{ readonly Name: string }>("volume", unused),
  ]);
  const all = [...labelled, ...named.map(({ Name }) => Name)];
  return [...new Set(all)].filter((volume) => !used.includes(volume)).sort();
}
