import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerLabels } from "../src/model/container-mark.ts";
import type { Machine } from "../src/model/machine.ts";
import { commandLine } from "../src/model/quote.ts";
import { volumeName } from "../src/model/volume-name.ts";
import { type ContainerSpecArgs, containerSpec } from "../src/plan/container-spec.ts";
import { type BoxStartArgs, startBox } from "./box-start.ts";
import { type ContainerMarkArgs, markContainer } from "./container-mark.ts";
import type { DevImage } from "./dev-image.ts";
import { createSshKey, type SshKey } from "./ssh-key.ts";

type BoxArgs = ContainerSpecArgs & ContainerMarkArgs & Omit<BoxStartArgs, "container" | "hostKey" | "automationKey">;

export interface GpuContainerArgs extends BoxArgs {
  readonly image: DevImage;
  /** Changes when the network must be created; see `networkTrigger` in src/plan/trigger.ts. */
  readonly networkTrigger: string;
  /** Volumes that are no longer in use; see `createVolumes`. */
  readonly keptVolumes: readonly string[];
}

/** How to connect to the box over SSH as a user with the stack's own key, and with the box's host key pinned. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  /** See `BoxRoute`. */
  readonly jump?: string | undefined;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey: string;
}

/**
 * The running box: network, volumes, the container, and its keys, which are installed once it has started.
 * Stopping and starting keeps the container; replacing it keeps the volumes and the host key.
 *
 * @example
 * new GpuContainer("benchbox-sandbox", {
 *   image, machine, gpus, limits, setsNewPrivileges: true, agentKeys: [], keptVolumes: [], isImageKnown: true,
 *   seen: box.container, isDamaged: false, networkTrigger: networkTrigger(network), trigger: startTrigger(box, false),
 * })
 */
export class GpuContainer extends pulumi.ComponentResource {
  readonly containerName: pulumi.Output<string>;
  readonly containerId: pulumi.Output<string>;
  /** The SSH server's public key. */
  readonly hostKey: pulumi.Output<string>;
  /** How to connect to the box as a user; known only once it is running and has its keys. */
  readonly connectionOf: (user: string) => pulumi.Output<Connection>;

  constructor(name: string, args: GpuContainerArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:GpuContainer", name, {}, options);
    const hostKey = createSshKey(`${name}-host-key`, args.machine.ssh.keyGeneration, this);
    const automationKey = createSshKey(`${name}-automation-key`, args.machine.ssh.keyGeneration, this);
    const container = createContainer(name, args, this);
    const started = startBox(name, { ...args, container, hostKey, automationKey }, this);

    this.containerName = container.name;
    this.containerId = container.id;
    this.hostKey = hostKey.publicKey;
    this.connectionOf = (user) => connect(user, args, hostKey, automationKey, started);
    this.registerOutputs({ containerName: this.containerName, containerId: this.containerId, hostKey: this.hostKey });
  }
}

function createContainer(name: string, args: GpuContainerArgs, parent: pulumi.Resource): docker.Container {
  const { machine, image } = args;
  const volumes = createVolumes(name, machine, args.keptVolumes, parent);
  const network = createNetwork(name, args.networkTrigger, parent);
  const declared = containerSpec(name, args, {
    image: image.reference,
    volume: (key) => volumes.get(key)?.name ?? volumeName(name, key),
  });
  return new docker.Container(`${name}-container`, markContainer(name, declared, args, parent), {
    parent,
    dependsOn: [image.proof, network],
    deleteBeforeReplace: true,
    replaceOnChanges: ["healthcheck", "init"],
    // startBox sets these, and each run of the program compares them.
    ignoreChanges: ["cpus", "memory", "memorySwap", "restart"],
  });
}

/**
 * Creates the volumes that outlive the container, and returns them by the key of their storage place.
 *
 * @param kept names of the stack's volumes that are no longer in use, because a folder of the host replaced them or their user was
 *   removed. Their data stays until `down --purge`
 */
function createVolumes(
  name: string,
  { storage }: Pick<Machine, "storage">,
  kept: readonly string[],
  parent: pulumi.Resource,
): ReadonlyMap<string, docker.Volume> {
  const places = storage.filter(({ hostPath }) => hostPath === undefined);
  for (const volume of kept) createVolume(volume, name, parent);
  return new Map(places.map(({ key }) => [key, createVolume(volumeName(name, key), name, parent)]));
}

/** Protected, so that only `down --purge` removes it. Its label identifies it when the configuration no longer names it. */
function createVolume(volume: string, box: string, parent: pulumi.Resource): docker.Volume {
  const labels = [{ label: containerLabels.box, value: box }];
  // A new label would replace the volume, so one of an earlier version stays without it.
  return new docker.Volume(volume, { name: volume, labels }, { parent, protect: true, ignoreChanges: ["labels"] });
}

/**
 * Creates the box's own network. Not the Docker provider's resource, which waits two seconds for each read of a network
 * (docs/decisions/0018-the-network.md).
 */
function createNetwork(name: string, trigger: string, parent: pulumi.Resource): command.local.Command {
  return new command.local.Command(
    `${name}-network`,
    {
      create: commandLine(["src/resources/box-network.ts", "make", name, trigger]),
      delete: commandLine(["src/resources/box-network.ts", "remove", name]),
      logging: command.local.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    { parent },
  );
}

function connect(
  user: string,
  { machine }: GpuContainerArgs,
  hostKey: SshKey,
  automationKey: SshKey,
  started: command.local.Command,
): pulumi.Output<Connection> {
  const { host, port, jump } = machine.ssh;
  return pulumi
    .all([hostKey.publicKey, automationKey.privateKey, started.id])
    .apply(([publicKey, privateKey]) => ({ host, port, jump, user, hostKey: publicKey, privateKey }));
}
