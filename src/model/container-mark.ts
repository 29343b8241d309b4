import { hashOf } from "./hash.ts";

/** Labels of a box's container. Its volumes and its network have the first one, too. */
export const containerLabels = {
  /** Name of the box. It identifies a renamed container, and a volume that the stack no longer uses. */
  box: "benchbox.box",
  /** Hash of everything whose change replaces the container; it differs when the container was damaged. See `containerTrigger`. */
  declared: "benchbox.container.declared",
  /** Name of the existing network that the box is on instead of its own (benchbox:network.existing). */
  network: "benchbox.container.network",
} as const;

/** Label of a box's network: the trigger that it was created with. */
export const networkLabel = "benchbox.network.trigger";

/** Label of a box's network: hash of the options that it was created with; without any it has no such label. */
export const networkOptionsLabel = "benchbox.network.options";

/** The relevant part of a container's inspection. */
export interface OnNetworks {
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
  readonly HostConfig: { readonly NetworkMode?: string };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/** The network that a box should be on and is not; undefined if it is on it, or uses the network of the host or of another container. */
export function missingNetwork(box: string, { Config, HostConfig, NetworkSettings }: OnNetworks): string | undefined {
  if (/^(host$|container:)/.test(HostConfig.NetworkMode ?? "")) return undefined;
  const wanted = Config.Labels?.[containerLabels.network] ?? box;
  return wanted in NetworkSettings.Networks ? undefined : wanted;
}

/** Container arguments that the Docker provider updates in place. A change of any other replaces the container. */
const updatedInPlace: readonly string[] = [
  "containerReadRefreshTimeoutMilliseconds",
  "cpuSet",
  "cpuShares",
  "destroyGraceSeconds",
  "deviceReadBps",
  "deviceReadIops",
  "deviceWriteBps",
  "deviceWriteIops",
  "logs",
  "maxRetryCount",
  "memory",
  "memoryReservation",
  "memorySwap",
  "mustRun",
  "removeVolumes",
  "restart",
  "rm",
  "start",
  "wait",
  "waitTimeout",
];

/** Value of the label `declared` for a container with these arguments. The order of lists is ignored: to Docker they are sets. */
export function declaredHash(args: object): string {
  const rows = Object.entries(args)
    .filter(([key, value]) => value !== undefined && !updatedInPlace.includes(key))
    .map(([key, value]) => JSON.stringify([key, sortDeep(value)]))
    .sort();
  return hashOf(...rows);
}

/** A copy of the value with all keys and lists sorted. */
function sortDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortDeep).sort(byText);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one]) => [key, sortDeep(one)])
    .sort(byText);
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
