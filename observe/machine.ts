import { type Machine, stepUsers } from "../config/machine.ts";
import { volumeName } from "../lib/volume-name.ts";
import { agentKeys, observeAgent } from "./agent.ts";
import { observeBase } from "./base.ts";
import { type BoxObservation, observeBox } from "./box.ts";
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
  /** Volumes of storage places that are folders of the machine by now. */
  readonly keptVolumes: readonly string[];
}

export async function observeMachine(machine: Machine): Promise<MachineObservation> {
  const { name, users } = machine;
  const [host, box, present, base, images, keptVolumes] = await Promise.all([
    observeHost(machine),
    observeBox(name, stepUsers(machine)),
    users.some(({ withAgent }) => withAgent) ? observeAgent() : [],
    observeBase(machine.base),
    observeImages(name),
    observeKeptVolumes(machine),
  ]);
  return { host, box, agentKeys: agentKeys(box.agentKeys ?? [], present), base, images, keptVolumes };
}

async function observeKeptVolumes({ name, storage }: Machine): Promise<string[]> {
  const unused = storage.filter(({ hostPath }) => hostPath !== undefined).map(({ key }) => volumeName(name, key));
  const volumes = await inspect<{ readonly Name: string }>("volume", unused);
  return volumes.map(({ Name }) => Name);
}
