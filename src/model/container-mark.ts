import { hashOf } from "./hash.ts";

/** Labels of a box's container, and the first of them of its volumes and its network. */
export const containerLabels = {
  /** The box's name: by it a container is found that was renamed, and a volume that nothing declares any more. */
  box: "benchbox.box",
  /** Hash of everything whose change replaces the container, and more when one was damaged; see `containerTrigger`. */
  declared: "benchbox.container.declared",
} as const;

/** Label of a box's network: the trigger that it was made under. */
export const networkLabel = "benchbox.network.trigger";

/** Arguments of a container that the plugin changes in the running one. All others replace it. */
const changedInPlace: readonly string[] = [
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

/** What a container with these arguments carries as `declared`. Lists that are sets for the engine do not count by their order. */
export function declaredHash(args: object): string {
  const rows = Object.entries(args)
    .filter(([key, value]) => value !== undefined && !changedInPlace.includes(key))
    .map(([key, value]) => JSON.stringify([key, inOrder(value)]))
    .sort();
  return hashOf(...rows);
}

/** The same value in one form, whatever the order in which it was written. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder).sort(byText);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one]) => [key, inOrder(one)])
    .sort(byText);
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
