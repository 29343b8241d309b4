import { containerLabels, networkLabel } from "../model/container-mark.ts";
import { type Machine, type StoragePlace, stepUsers } from "../model/machine.ts";
import { volumeName } from "../model/volume-name.ts";
import { agentKeys, observeAgent } from "./agent.ts";
import { observeBase } from "./base.ts";
import { inspectContainer, observeBox } from "./box.ts";
import type { BoxObservation } from "./box-observation.ts";
import { listByDocker } from "./docker.ts";
import { type HostObservation, observeHost } from "./host.ts";
import { type BuiltImage, inspect, observeImages } from "./images.ts";

/** What is on one stack's machine now. Looking changes nothing. */
export interface MachineObservation {
  readonly host: HostObservation;
  readonly box: BoxObservation;
  /** Keys of the SSH agent that may log in; see `agentKeys`. */
  readonly agentKeys: readonly string[];
  /** What the base on the engine is; undefined when there is none. */
  readonly base: string | undefined;
  /** The stack's images, the newest first. */
  readonly images: readonly BuiltImage[];
  /** Volumes of storage places that are folders of the machine by now, or homes of users who are none any more. */
  readonly keptVolumes: readonly string[];
  /** The trigger that the box's network was made under, empty for one of an earlier version; undefined when there is none. */
  readonly network: string | undefined;
}

/** @throws NoAnswer when the engine answers some questions and not all of them */
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
    ]).catch((error: unknown) => error as Error),
  ]);
  if (seen instanceof Error) {
    // What is wrong with the engine itself says more than the question that it did not answer.
    if ("problem" in host.engine) return { host, ...nothing };
    throw seen;
  }
  const [box, present, base, images, keptVolumes, network] = seen;
  return { host, box, agentKeys: agentKeys(box.agentKeys ?? [], present), base, images, keptVolumes, network };
}

const nothing: Omit<MachineObservation, "host"> = {
  box: { state: "absent", steps: new Map() },
  agentKeys: [],
  base: undefined,
  images: [],
  keptVolumes: [],
  network: undefined,
};

async function observeNetwork(name: string): Promise<string | undefined> {
  type Inspected = { readonly Labels?: Readonly<Record<string, string>> | null };
  const [network] = await inspect<Inspected>("network", [name]);
  return network && (network.Labels?.[networkLabel] ?? "");
}

async function observeKeptVolumes({ name, storage }: Machine): Promise<string[]> {
  const isUsed = ({ hostPath }: StoragePlace): boolean => hostPath === undefined;
  const used = storage.filter(isUsed).map(({ key }) => volumeName(name, key));
  const unused = storage.filter((place) => !isUsed(place)).map(({ key }) => volumeName(name, key));
  const [labelled, named] = await Promise.all([
    listByDocker(["volume", "ls", "--quiet", "--filter", `label=${containerLabels.box}=${name}`]),
    inspect<{ readonly Name: string }>("volume", unused),
  ]);
  const all = [...labelled, ...named.map(({ Name }) => Name)];
  return [...new Set(all)].filter((volume) => !used.includes(volume)).sort();
}
