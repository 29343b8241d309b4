import { type CheckResult, error, passed } from "../model/check-result.ts";
import type { Machine } from "../model/machine.ts";
import { inspect } from "../observe/docker.ts";

/** Checks that the volumes outside the stack exist: Docker would create an empty one in place of a misspelt one. */
export async function checkVolumes({ mounts }: Pick<Machine, "mounts">): Promise<CheckResult[]> {
  const wanted = mounts.flatMap((one) => ("volume" in one && one.created === undefined ? [one.volume] : []));
  if (wanted.length === 0) return [];
  const found = (await inspect<{ readonly Name: string }>("volume", wanted)).map(({ Name }) => Name);
  return [...new Set(wanted)].flatMap((volume) =>
    found.includes(volume)
      ? passed(`volume ${volume}`, "on the Docker Engine")
      : error(
          `volume ${volume}`,
          "the Docker Engine has no such volume",
          "an existing volume, since the stack did not create it",
          `docker volume create ${volume}; or let the stack create it: set \`driver: local\` in benchbox:mounts`,
        ),
  );
}
