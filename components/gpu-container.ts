import type * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../config/machine.ts";
import { startBox } from "./box-start.ts";
import { createVolumes } from "./box-volumes.ts";
import { x11Ports, x11Volumes } from "./box-x11.ts";
import type { DevImage } from "./dev-image.ts";
import { createSshKey, type SshKey } from "./ssh-key.ts";

export interface GpuContainerArgs {
  readonly image: DevImage;
  readonly machine: Pick<Machine, "gpu" | "users" | "ssh" | "x11" | "caCertificates" | "gitIdentity">;
  /** Folders of the first user that must be there before anything is copied into the box. */
  readonly folders: readonly string[];
  /** Changes when the box must be started and handed its keys again; see `startTrigger`. */
  readonly trigger: string;
}

/** How to reach the box over SSH, with its host key pinned, as its first user. */
export type Connection = pulumi.Unwrap<command.types.input.remote.ConnectionArgs>;

/**
 * The running box: network, home volumes, the container, and its keys, which are handed over when it has started.
 * Stopping and starting keeps the container; replacing it keeps the homes and the host key.
 *
 * @example new GpuContainer("benchbox-sandbox", { image, machine, folders: [], trigger: "created" })
 */
export class GpuContainer extends pulumi.ComponentResource {
  readonly containerName: pulumi.Output<string>;
  readonly containerId: pulumi.Output<string>;
  /** The SSH server's public key. */
  readonly hostKey: pulumi.Output<string>;
  /** Known only when the box is up and has its keys. */
  readonly connection: pulumi.Output<Connection>;
  /** The container itself, for `deletedWith`. */
  readonly container: docker.Container;

  constructor(name: string, args: GpuContainerArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:GpuContainer", name, {}, options);
    const hostKey = createSshKey(`${name}-host-key`, this);
    const automationKey = createSshKey(`${name}-automation-key`, this);
    const container = createContainer(name, args, this);
    const started = startBox(name, { ...args, container, hostKey, automationKey }, this);

    this.container = container;
    this.containerName = container.name;
    this.containerId = container.id;
    this.hostKey = hostKey.publicKey;
    this.connection = connect(args, hostKey, automationKey, started);
    this.registerOutputs({ containerName: this.containerName, containerId: this.containerId, hostKey: this.hostKey });
  }
}

function createContainer(name: string, args: GpuContainerArgs, parent: pulumi.Resource): docker.Container {
  const { machine, image } = args;
  const network = new docker.Network(`${name}-network`, { name }, { parent });
  return new docker.Container(
    `${name}-container`,
    {
      name,
      hostname: name,
      // By its name, which says what is in it: an image that was built again from the same is no other image.
      image: image.reference,
      ...(machine.gpu === "all" && { gpus: "all" }),
      init: true,
      ipcMode: "private",
      // Set aloud: unset, the engine's own value shows as a difference.
      networkMode: "bridge",
      networksAdvanced: [{ name: network.name }],
      ports: [
        { internal: 22, external: machine.ssh.port, ip: machine.ssh.bind, protocol: "tcp" },
        ...x11Ports(machine.x11),
      ],
      volumes: [...createVolumes(name, machine, parent), ...x11Volumes(machine.x11)],
      healthcheck: {
        tests: ["CMD", "/usr/local/lib/benchbox/healthcheck"],
        interval: "30s",
        timeout: "5s",
        startPeriod: "10s",
        retries: 3,
      },
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      restart: "unless-stopped",
      // A stopped container is started by startBox. With mustRun the plugin would replace it (docs/decisions).
      mustRun: false,
      destroyGraceSeconds: 10,
    },
    { parent, dependsOn: [image.proof], deleteBeforeReplace: true, replaceOnChanges: ["healthcheck", "init"] },
  );
}

function connect(
  { machine }: GpuContainerArgs,
  hostKey: SshKey,
  automationKey: SshKey,
  started: command.local.Command,
): pulumi.Output<Connection> {
  return pulumi.all([hostKey.publicKey, automationKey.privateKey, started.id]).apply(([publicKey, privateKey]) => ({
    host: machine.ssh.bind,
    port: machine.ssh.port,
    user: machine.users[0].name,
    hostKey: publicKey,
    privateKey,
    // The plugin's own defaults, written out: it does not fill them in by itself.
    dialErrorLimit: 10,
    perDialTimeout: 15,
  }));
}
