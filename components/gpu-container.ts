import type * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../config/machine.ts";
import { type GivenGpus, gpuArgs, gpuEnvironment } from "../lib/gpu.ts";
import type { LimitsPlan } from "../lib/limits.ts";
import type { BoxContainer } from "../observe/box.ts";
import { securityOf } from "./box-security.ts";
import { startBox } from "./box-start.ts";
import { createStorage } from "./box-volumes.ts";
import { x11Ports, x11Volumes } from "./box-x11.ts";
import { markContainer } from "./container-mark.ts";
import type { DevImage } from "./dev-image.ts";
import { createSshKey, type SshKey } from "./ssh-key.ts";

export interface GpuContainerArgs {
  readonly image: DevImage;
  readonly machine: Pick<
    Machine,
    | "users"
    | "firstRun"
    | "capabilities"
    | "limits"
    | "ssh"
    | "caCertificates"
    | "gitIdentity"
    | "storage"
    | "mounts"
    | "ports"
    | "environment"
    | "hostname"
    | "x11"
  >;
  /** The box's container as it is now; undefined when there is none. */
  readonly seen: BoxContainer | undefined;
  /** Whether a preview knows the image's name. */
  readonly isImageKnown: boolean;
  /** Volumes that the stack has without need; see `createStorage`. */
  readonly keptVolumes: readonly string[];
  /** See `planGpus`. */
  readonly gpus: GivenGpus | undefined;
  /** See `planLimits`. */
  readonly limits: Pick<LimitsPlan, "args" | "running">;
  /** Keys of the SSH agent, for the users who want them. */
  readonly agentKeys: readonly string[];
  /** Changes when the box must be started and handed its keys again; see `startTrigger`. */
  readonly trigger: string;
}

/** How to reach the box over SSH, with its host key pinned, as a user by the stack's own key. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey: string;
}

/**
 * The running box: network, volumes, the container, and its keys, which are handed over when it has started.
 * Stopping and starting keeps the container; replacing it keeps the volumes and the host key.
 *
 * @example new GpuContainer("benchbox-sandbox", { image, machine, agentKeys: [], trigger: "created" })
 */
export class GpuContainer extends pulumi.ComponentResource {
  readonly containerName: pulumi.Output<string>;
  readonly containerId: pulumi.Output<string>;
  /** The SSH server's public key. */
  readonly hostKey: pulumi.Output<string>;
  /** The container itself, for `deletedWith`. */
  readonly container: docker.Container;
  /** How to reach the box as a user; known only when it is up and has its keys. */
  readonly connectionOf: (user: string) => pulumi.Output<Connection>;

  constructor(name: string, args: GpuContainerArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:GpuContainer", name, {}, options);
    const hostKey = createSshKey(`${name}-host-key`, args.machine.ssh.keyGeneration, this);
    const automationKey = createSshKey(`${name}-automation-key`, args.machine.ssh.keyGeneration, this);
    const container = createContainer(name, args, this);
    const started = startBox(name, { ...args, container, hostKey, automationKey }, this);

    this.container = container;
    this.containerName = container.name;
    this.containerId = container.id;
    this.hostKey = hostKey.publicKey;
    this.connectionOf = (user) => connect(user, args, hostKey, automationKey, started);
    this.registerOutputs({ containerName: this.containerName, containerId: this.containerId, hostKey: this.hostKey });
  }
}

function createContainer(name: string, args: GpuContainerArgs, parent: pulumi.Resource): docker.Container {
  const { machine, image } = args;
  const { volumes, mounts } = createStorage(name, machine, args.keptVolumes, parent);
  const network = new docker.Network(`${name}-network`, { name }, { parent });
  const declared: docker.ContainerArgs = {
    name,
    hostname: machine.hostname,
    // By its name, which says what is in it: an image that was built again from the same is no other image.
    image: image.reference,
    ...gpuArgs(args.gpus),
    ...args.limits.args,
    ...securityOf(machine),
    init: true,
    // Set aloud: unset, the engine's own value shows as a difference.
    networkMode: "bridge",
    networksAdvanced: [{ name: network.name }],
    ports: [
      { container: 22, host: machine.ssh.port, bind: machine.ssh.bind },
      ...x11Ports(machine.x11),
      ...machine.ports,
    ]
      .sort((a, b) => a.container - b.container)
      .map(({ container, host, bind }) => ({ internal: container, external: host, ip: bind, protocol: "tcp" })),
    envs: Object.entries({ ...machine.environment, ...gpuEnvironment(args.gpus) })
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    volumes: [...volumes, ...x11Volumes(machine.x11)],
    mounts,
    healthcheck: healthcheckOf(args.gpus !== undefined),
    restart: "unless-stopped",
    // A stopped container is started by startBox. With mustRun the plugin would replace it (docs/decisions).
    mustRun: false,
    destroyGraceSeconds: 10,
  };
  return new docker.Container(
    `${name}-container`,
    markContainer(name, declared, machine, args.seen, args.isImageKnown, parent),
    {
      parent,
      dependsOn: [image.proof],
      deleteBeforeReplace: true,
      replaceOnChanges: ["healthcheck", "init"],
      // startBox gives them to the container, and each run looks at them by itself.
      ignoreChanges: ["cpus", "memory", "memorySwap"],
    },
  );
}

/** NVIDIA's driver may take seconds to wake up GPUs, and should not be woken up often while something is measured. */
function healthcheckOf(hasGpu: boolean): docker.types.input.ContainerHealthcheck {
  return {
    tests: ["CMD", "/usr/local/lib/benchbox/healthcheck", ...(hasGpu ? ["--gpu"] : [])],
    interval: hasGpu ? "1m0s" : "30s",
    timeout: hasGpu ? "20s" : "5s",
    startPeriod: "10s",
    retries: 3,
  };
}

function connect(
  user: string,
  { machine }: GpuContainerArgs,
  hostKey: SshKey,
  automationKey: SshKey,
  started: command.local.Command,
): pulumi.Output<Connection> {
  const { host, port } = machine.ssh;
  return pulumi
    .all([hostKey.publicKey, automationKey.privateKey, started.id])
    .apply(([publicKey, privateKey]) => ({ host, port, user, hostKey: publicKey, privateKey }));
}
