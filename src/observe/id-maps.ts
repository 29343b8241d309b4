import { isRemapped, isRootless } from "../model/engine-traits.ts";
import { type IdMaps, readIdMap, sameIds } from "../model/id-map.ts";
import type { EngineInfo } from "./docker-engine.ts";
import { dockerdProcesses, readProc } from "./dockerd-processes.ts";

/** How many ids `/etc/subuid` gives to a user by default. */
const defaultCount = 65536;

/**
 * Which of the host's users a container's users are; undefined where that is not visible.
 *
 * @param processes mount point of the proc file system
 */
export function observeIdMaps(
  engine: Pick<EngineInfo, "SecurityOptions" | "DockerRootDir">,
  processes = "/proc",
): IdMaps | undefined {
  if (isRemapped(engine)) {
    // Docker names the folder after the ids of a container's root: /var/lib/docker/100000.100000.
    const [, uid, gid] = /\/(\d+)\.(\d+)$/.exec(engine.DockerRootDir) ?? [];
    const range = (host: string) => [{ box: 0, host: Number(host), count: defaultCount }];
    return uid && gid ? { uids: range(uid), gids: range(gid) } : undefined;
  }
  return isRootless(engine) ? mapsOfRootless(processes) : sameIds;
}

/** The maps of the running rootless engine; undefined for several, of which any could be the configured one. */
function mapsOfRootless(processes: string): IdMaps | undefined {
  const maps = dockerdProcesses(processes)
    .map((folder) => ({
      uids: readIdMap(readProc(`${folder}/uid_map`)),
      gids: readIdMap(readProc(`${folder}/gid_map`)),
    }))
    .filter(({ uids }) => uids.length > 1);
  return maps.length === 1 ? maps[0] : undefined;
}
