/** Maps `count` ids in a container, from `box` on, to ids on the Docker host, from `host` on, as in the kernel's `uid_map`. */
export interface IdRange {
  readonly box: number;
  readonly host: number;
  readonly count: number;
}

/** The mapping of a container's users and groups to those of the Docker host. */
export interface IdMaps {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
}

const everyId: readonly IdRange[] = [{ box: 0, host: 0, count: 2 ** 32 - 1 }];
export const sameIds: IdMaps = { uids: everyId, gids: everyId };

/** The id on the Docker host for an id in the container; undefined when it is not mapped. */
export function hostId(id: number, ranges: readonly IdRange[]): number | undefined {
  const range = ranges.find(({ box, count }) => id >= box && id < box + count);
  return range && range.host + (id - range.box);
}

/** Parses `/proc/PID/uid_map` or `gid_map`. */
export const readIdMap = (text: string): IdRange[] =>
  text
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([box, host, count]) => (box === undefined || host === undefined || !count ? [] : [{ box, host, count }]));
