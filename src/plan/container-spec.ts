import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { GivenGpus } from "../model/gpu.ts";
import type { Machine } from "../model/machine.ts";
import { restartPolicy } from "../model/running-limits.ts";
import { volumeName } from "../model/volume-name.ts";
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
    | "limits"
    | "ssh"
    | "storage"
    | "mounts"
    | "ports"
    | "environment"
    | "hostname"
    | "x11"
  >;
  /** See `planGpus`. */
  readonly gpus: GivenGpus | undefined;
  /** See `planLimits`. */
  readonly limits: Pick<LimitsPlan, "args">;
  /** See there. */
  readonly saysNewPrivileges: boolean;
}

/** What the container is made with by name. */
export interface ContainerParts {
  readonly image: pulumi.Input<string>;
  /** @param key of a storage place */
  readonly volume: (key: string) => pulumi.Input<string>;
}

/** The parts as they are called, for what is asked without Pulumi. */
export const partNames = (name: string, image: string): ContainerParts => ({
  image,
  volume: (key) => volumeName(name, key),
});

/** Everything that the box's container is made with, its labels apart. */
export function containerSpec(
  name: string,
  { machine, gpus, limits, saysNewPrivileges }: ContainerSpecArgs,
  parts: ContainerParts,
): docker.ContainerArgs {
  const { ssh, x11, ports, environment, storage, hostname } = machine;
  const volumes = storage
    .filter(({ hostPath }) => hostPath === undefined)
    .map(({ key, path }) => ({ volumeName: parts.volume(key), containerPath: path }));
  const folders = [
    ...storage.flatMap(({ hostPath, path }) => (hostPath ? [{ host: hostPath, path, readOnly: false }] : [])),
    ...machine.mounts,
  ];
  return {
    name,
    hostname,
    // By its name, which says what is in it: an image that was built again from the same is no other image.
    image: parts.image,
    ...gpuArgs(gpus),
    ...limits.args,
    ...securityOf(machine, saysNewPrivileges),
    init: true,
    // Set aloud: unset, the engine's own value shows as a difference.
    networkMode: "bridge",
    networksAdvanced: [{ name }],
    ports: [{ container: 22, host: ssh.port, bind: ssh.bind }, ...x11Ports(x11), ...ports]
      .sort((a, b) => a.container - b.container)
      .map(({ container, host, bind }) => ({ internal: container, external: host, ip: bind, protocol: "tcp" })),
    envs: Object.entries({ ...environment, ...gpuEnvironment(gpus) })
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    volumes: [...volumes, ...x11Volumes(x11)],
    mounts: folders.map(bind),
    healthcheck: healthcheckOf(gpus !== undefined),
    restart: restartPolicy,
    // A stopped container is started by startBox. With mustRun the plugin would replace it (docs/decisions).
    mustRun: false,
    destroyGraceSeconds: 10,
  };
}

/** As a mount, not as a volume: of a volume, a folder that is not there would be made by the engine, root's. */
const bind = ({ host, path, readOnly }: Machine["mounts"][number]): docker.types.input.ContainerMount => ({
  type: "bind",
  source: host,
  target: path,
  readOnly,
});

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
