import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The process of a Docker Engine on this computer. */
export interface EngineProcess {
  /** When it started, in milliseconds since 1970, a second too late at most: the kernel gives its boot in whole seconds. */
  readonly startedAt: number;
  /** The folders of its PATH; undefined where this user may not see them, who is neither root nor the engine's own. */
  readonly path?: readonly string[] | undefined;
}

/** Ticks per second in /proc/PID/stat: USER_HZ, 100 on every architecture that Docker runs on. */
const ticksPerSecond = 100;

/**
 * Finds the engine's process by `docker.pid`, which the engine writes beside its socket, rootless ones too. Undefined where
 * there is none, as of an engine on another computer or in a PID namespace of its own.
 *
 * @param address DOCKER_HOST
 */
export async function findEngineProcess(address = "unix:///var/run/docker.sock"): Promise<EngineProcess | undefined> {
  const socket = /^unix:\/\/(\/.*)\/[^/]+$/.exec(address)?.[1];
  if (socket === undefined) return undefined;
  const pid = (await readText(join(socket, "docker.pid")))?.trim() ?? "";
  if (!/^\d+$/.test(pid)) return undefined;
  const startedAt = startOf(await readText(`/proc/${pid}/stat`), await readText("/proc/stat"));
  if (startedAt === undefined) return undefined;
  const environment = await readText(`/proc/${pid}/environ`);
  return { startedAt, path: /(?:^|\0)PATH=([^\0]*)/.exec(environment ?? "")?.[1]?.split(":") };
}

/** Undefined for a process that is no dockerd: the file may be of one that ended. Source: man 5 proc. */
function startOf(process = "", system = ""): number | undefined {
  const [, name, fields = ""] = /^\d+ \((.*)\) (.*)$/s.exec(process) ?? [];
  const ticks = Number(fields.split(" ")[19]); // field 22 of all, and the third is the first after the name
  const boot = Number(/^btime (\d+)$/m.exec(system)?.[1]);
  return name !== "dockerd" || Number.isNaN(ticks + boot) ? undefined : (boot + 1 + ticks / ticksPerSecond) * 1000;
}

const readText = (path: string): Promise<string | undefined> => readFile(path, "utf8").catch(() => undefined);
