import { readdirSync, readFileSync } from "node:fs";
import { isRemapped, isRootless } from "../model/engine-traits.ts";
import { type IdMaps, readIdMap, sameIds } from "../model/id-map.ts";
import type { EngineInfo } from "./docker-engine.ts";

/** As many ids as `/etc/subuid` gives to a user unless somebody changes it. */
const usualCount = 65536;

/**
 * Which users of this machine the users of a container are. Undefined where it cannot be seen.
 *
 * @param processes where the kernel shows processes
 */
export function observeIdMaps(
  engine: Pick<EngineInfo, "SecurityOptions" | "DockerRootDir">,
  processes = "/proc",
): IdMaps | undefined {
  if (isRemapped(engine)) {
    // Docker names the folder after the ids that root of a container has: /var/lib/docker/100000.100000.
    const [, uid, gid] = /\/(\d+)\.(\d+)$/.exec(engine.DockerRootDir) ?? [];
    const range = (host: string) => [{ box: 0, host: Number(host), count: usualCount }];
    return uid && gid ? { uids: range(uid), gids: range(gid) } : undefined;
  }
  return isRootless(engine) ? mapsOfRootless(processes) : sameIds;
}

/** Those of the one rootless engine that runs; of several nobody says which is meant. */
function mapsOfRootless(processes: string): IdMaps | undefined {
  const read = (file: string): string => {
    try {
      return readFileSync(`${processes}/${file}`, "utf8");
    } catch {
      return ""; // ended meanwhile
    }
  };
  const maps = readdirSync(processes)
    .filter((pid) => /^\d+$/.test(pid) && read(`${pid}/comm`).trim() === "dockerd")
    .map((pid) => ({ uids: readIdMap(read(`${pid}/uid_map`)), gids: readIdMap(read(`${pid}/gid_map`)) }))
    .filter(({ uids }) => uids.length > 1);
  return maps.length === 1 ? maps[0] : undefined;
}
