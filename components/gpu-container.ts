import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../config/machine.ts";
import { commandLine } from "../lib/quote.ts";
import type { DevImage } from "./dev-image.ts";
import { createSshKey, type SshKey } from "./ssh-key.ts";

export interface GpuContainerArgs {
  readonly image: DevImage;
  readonly machine: Pick<Machine, "gpu" | "users" | "ssh" | "caCertificates" | "gitIdentity">;
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
    const started = startBox(name, args, container, hostKey, automationKey, this);

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
  const homes = machine.users.map((user) => {
    const volume = new docker.Volume(
      `${name}-home-${user.name}`,
      { name: `${name}-home-${user.name}` },
      { parent, protect: true }, // a researcher's work: only `down --purge` removes it
    );
    return { volumeName: volume.name, containerPath: `/home/${user.name}` };
  });
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
      ports: [{ internal: 22, external: machine.ssh.port, ip: machine.ssh.bind, protocol: "tcp" }],
      volumes: homes,
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

/** Starts the container and hands it what is never in its image: keys, passwords, certificate authorities. */
function startBox(
  name: string,
  args: GpuContainerArgs,
  container: docker.Container,
  hostKey: SshKey,
  automationKey: SshKey,
  parent: pulumi.Resource,
): command.local.Command {
  const { machine, folders, trigger } = args;
  const [firstUser] = machine.users;
  const handover = pulumi
    .all([hostKey.privateKey, automationKey.publicKey])
    .apply(([privateKey, automation]) =>
      [
        record("host-key", "-", privateKey),
        ...machine.users.flatMap((user) => [
          record("authorized-keys", user.name, authorizedKeys(machine, user === firstUser ? [automation] : [])),
          user.password ? record("password", user.name, user.password) : record("no-password", user.name, "-"),
        ]),
        ...machine.caCertificates.map((pem, index) => record("ca-certificate", `ca-${index}`, `${pem}\n`)),
        ...Object.entries(machine.gitIdentity).map(([key, value]) => record("git-config", key, value)),
        ...folders.map((folder) => record("folder", firstUser.name, folder)),
        record("started", "-", `${trigger}\n`),
      ].join(""),
    );
  return new command.local.Command(
    `${name}-start`,
    {
      create: commandLine(["scripts/host/start-box", name]),
      stdin: pulumi.secret(handover),
      triggers: [container.id, trigger],
      logging: command.local.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    { parent, deletedWith: container },
  );
}

const record = (kind: string, name: string, payload: string): string =>
  `${kind} ${name} ${Buffer.from(payload).toString("base64")}\n`;

/** @param more keys of the stack's own; it logs in as the first user */
function authorizedKeys(machine: GpuContainerArgs["machine"], more: readonly string[]): string {
  return [...machine.ssh.publicKeys, ...more.map((key) => `${key} benchbox automation`), ""].join("\n");
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
