import type * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { GivenGpus } from "../src/model/gpu.ts";
import type { Machine } from "../src/model/machine.ts";
import { volumeName } from "../src/model/volume-name.ts";
import type { BoxContainer } from "../src/observe/box-observation.ts";
import { type ContainerSpecArgs, containerSpec } from "../src/plan/container-spec.ts";
import type { LimitsPlan } from "../src/plan/limits.ts";
import { createNetwork } from "./box-network.ts";
import { startBox } from "./box-start.ts";
import { createVolumes } from "./box-volumes.ts";
import { markContainer } from "./container-mark.ts";
import type { DevImage } from "./dev-image.ts";
import { createSshKey, type SshKey } from "./ssh-key.ts";

export interface GpuContainerArgs {
  readonly image: DevImage;
  readonly machine: ContainerSpecArgs["machine"] & Pick<Machine, "firstRun" | "caCertificates" | "gitIdentity">;
  /** The box's current container; undefined without one. */
  readonly seen: BoxContainer | undefined;
  /** Whether it is damaged in a way that only a new container fixes; see `Drift`. */
  readonly isDamaged: boolean;
  /** Changes when the network must be created; see `networkTrigger`. */
  readonly networkTrigger: string;
  /** Whether a preview knows the image's name. */
  readonly isImageKnown: boolean;
  /** Volumes that are no longer in use; see `createVolumes`. */
  readonly keptVolumes: readonly string[];
  /** See `planGpus`. */
  readonly gpus: GivenGpus | undefined;
  /** See `planLimits`. */
  readonly limits: Pick<LimitsPlan, "args" | "running">;
  /** See `setsNewPrivileges` in src/plan/new-privileges.ts. */
  readonly setsNewPrivileges: boolean;
  /** Keys of the SSH agent, for the users with `withAgent`. */
  readonly agentKeys: readonly string[];
  /** Changes when the box must be started and get its keys again; see `startTrigger`. */
  readonly trigger: string;
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
