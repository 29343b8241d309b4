import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Device } from "../model/device.ts";
import type { GivenGpus } from "../model/gpu.ts";
import type { HostMount, Machine, PublishedPort } from "../model/machine.ts";
import { sshListenVariable } from "../model/network.ts";
import { restartPolicy } from "../model/running-limits.ts";
import { mountedVolume, volumeName } from "../model/volume-name.ts";
import { securityOf } from "./box-security.ts";
import { x11Ports, x11Volumes } from "./box-x11.ts";
import { gpuArgs, gpuEnvironment } from "./gpu-request.ts";
import type { LimitsPlan } from "./limits.ts";

export interface ContainerSpecArgs {
  readonly machine: Pick<
    Machine,
    | "users"
    | "capabilities"
    | "userNamespaces"
    | "security"
    | "pid"
    | "limits"
    | "ssh"
    | "storage"
    | "mounts"
    | "ports"
    | "network"
    | "environment"
    | "hostname"
    | "x11"
  >;
  /** See `planGpus`. */
  readonly gpus: GivenGpus | undefined;
  /** See `HardwarePlan`. */
  readonly joined?: string | undefined;
  /** See `planDevices`. */
  readonly devices: readonly Device[];
  /** See `planLimits`. */
  readonly limits: Pick<LimitsPlan, "args">;
  /** See `setsNewPrivileges` in new-privileges.ts. */
  readonly setsNewPrivileges: boolean;
}

/** The image and the volumes that the container refers to by name. */
export interface ContainerParts {
  readonly image: pulumi.Input<string>;
  /** @param key of a storage place */
  readonly volume: (key: string) => pulumi.Input<string>;
  /** @param volume the name of a mounted volume, which the stack may have created */
  readonly mounted: (volume: string) => pulumi.Input<string>;
}

/** The same by their plain names, for commands that run without Pulumi. */
export const partNames = (name: string, image: string): ContainerParts => ({
  image,
  volume: (key) => volumeName(name, key),
  mounted: (volume) => volume,
});

/** All arguments of the box's container except its labels. */
export function containerSpec(
  name: string,
  { machine, gpus, joined, devices, limits, setsNewPrivileges }: ContainerSpecArgs,
  parts: ContainerParts,
): docker.ContainerArgs {
  const { x11, network, environment, storage, hostname } = machine;
  const volumes = storage
    .filter(({ hostPath }) => hostPath === undefined)
    .map(({ key, path }) => ({ volumeName: parts.volume(key), containerPath: path }));
  const folders = [
    ...storage.flatMap(({ hostPath, path }) => (hostPath ? [{ host: hostPath, path, readOnly: false }] : [])),
    ...machine.mounts.filter((one) => "host" in one),
  ];
  const mounted = machine.mounts.flatMap((one) =>
    "volume" in one
      ? [{ volumeName: parts.mounted(mountedVolume(name, one)), containerPath: one.path, readOnly: one.readOnly }]
      : [],
  );
  const inMemory = machine.mounts.flatMap((one) => ("tmpfs" in one ? [[one.path, tmpfsOptions(one.tmpfs)]] : []));
  return {
    name,
    ...(network.kind !== "container" && { hostname }), // that of the other container
    // By name, which follows from the contents: an image that was built again from the same input is the same image.
    image: parts.image,
    ...gpuArgs(gpus),
    ...(devices.length > 0 && { devices: devices.map(deviceArg) }),
    ...limits.args,
    ...securityOf(machine, setsNewPrivileges),
    init: true,
    ...networkArgs(name, machine, joined),
    envs: Object.entries({ ...environment, ...gpuEnvironment(gpus), ...sshEnvironment(machine) })
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    volumes: [...volumes, ...mounted, ...x11Volumes(x11)],
    ...(inMemory.length > 0 && { tmpfs: Object.fromEntries(inMemory) }),
    mounts: folders.map(bind),
    healthcheck: healthcheckOf(gpus !== undefined),
    restart: restartPolicy,
    // startBox starts a stopped container. With mustRun the Docker provider would replace it instead (docs/decisions).
    mustRun: false,
    destroyGraceSeconds: 10,
  };
}

/** Every user may write to it, and programs in it may run. */
const tmpfsOptions = (bytes: number): string => `rw,exec,nosuid,nodev,mode=1777,size=${bytes}`;

/** A mount rather than a volume: for a volume the Docker Engine would create a missing folder, owned by root. */
const bind = ({ host, path, readOnly }: HostMount): docker.types.input.ContainerMount => ({
  type: "bind",
  source: host,
  target: path,
  readOnly,
});

type NetworkArgs = Pick<
  docker.ContainerArgs,
  "networkMode" | "networksAdvanced" | "ports" | "dns" | "dnsSearches" | "hosts"
>;

function networkArgs(
  box: string,
  { network, ssh, x11, ports }: Pick<Machine, "network" | "ssh" | "x11" | "ports">,
  joined: string | undefined,
): NetworkArgs {
  const { kind, name, dns, dnsSearch, extraHosts } = network;
  const hosts = Object.entries(extraHosts).map(([host, ip]) => ({ host, ip }));
  const names = {
    ...(dns.length > 0 && { dns: [...dns] }),
    ...(dnsSearch.length > 0 && { dnsSearches: [...dnsSearch] }),
    ...(hosts.length > 0 && { hosts }),
  };
  // By id, as the Docker Engine reports it; one that was created again has another network.
  if (kind === "container") return { networkMode: `container:${joined ?? name}` };
  if (kind === "host") return { networkMode: "host", ...names };
  return {
    // Set explicitly: if omitted, the Docker Engine's own value shows up as a difference.
    networkMode: "bridge",
    networksAdvanced: [{ name: name ?? box }],
    ports: publishedPorts({ ssh, x11, ports }).map(({ container, host, protocol, bind }) => ({
      internal: container,
      external: host,
      ip: bind,
      protocol,
    })),
    ...names,
  };
}

const publishedPorts = ({ ssh, x11, ports }: Pick<Machine, "ssh" | "x11" | "ports">): PublishedPort[] =>
  [{ container: 22, host: ssh.port, protocol: "tcp" as const, bind: ssh.bind }, ...x11Ports(x11), ...ports].sort(
    (a, b) => a.container - b.container,
  );

/**
 * Whether the Docker Engine reports the ports in an order of its own: Docker 20.10 reverses several host ports of one box port, 29 sorts
 * them, and the Docker provider lists TCP and UDP of one port in a random order. It would take that for a change.
 */
export const isPortOrderUnknown = ({ ports }: Pick<Machine, "ports">): boolean =>
  new Set(ports.map(({ container }) => container)).size < ports.length;

/** On the host's network the SSH server listens where it would be published. */
const sshEnvironment = ({ network, ssh }: Pick<Machine, "network" | "ssh">): Record<string, string> =>
  network.kind === "host" ? { [sshListenVariable]: `${ssh.bind}:${ssh.port}` } : {};

/** With all three fields: one that is missing shows up as a difference. */
const deviceArg = ({ path, permissions }: Device): docker.types.input.ContainerDevice => ({
  hostPath: path,
  containerPath: path,
  permissions,
});

/** NVIDIA's driver may take seconds to wake GPUs, and should not wake them often during a benchmark. */
function healthcheckOf(hasGpu: boolean): docker.types.input.ContainerHealthcheck {
  return {
    tests: ["CMD", "/usr/local/lib/benchbox/healthcheck", ...(hasGpu ? ["--gpu"] : [])],
    interval: hasGpu ? "1m0s" : "30s",
    timeout: hasGpu ? "20s" : "5s",
    startPeriod: "10s",
    retries: 3,
  };
}
