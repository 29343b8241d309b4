import { join } from "node:path";
import { readProc } from "./dockerd-processes.ts";

/** The process of a Docker Engine on this computer. */
export interface EngineProcess {
  /** When it started, in milliseconds since 1970, at most a second too late: the kernel reports its boot in whole seconds. */
  readonly startedAt: number;
  /** The folders of its PATH; undefined where this user is neither root nor the engine's own user, and so may not see them. */
  readonly path?: readonly string[] | undefined;
}

/** Ticks per second in /proc/PID/stat: USER_HZ, 100 on every architecture that Docker runs on. */
const ticksPerSecond = 100;

/**
 * Finds the engine's process by `docker.pid`, which the engine, also a rootless one, writes beside its socket. Undefined where there
 * is none, as for an engine on another computer or in a PID namespace of its own.
 *
 * @param address DOCKER_HOST
 */
export function findEngineProcess(address = "unix:///var/run/docker.sock"): EngineProcess | undefined {
  const socket = /^unix:\/\/(\/.*)\/[^/]+$/.exec(address)?.[1];
  if (socket === undefined) return undefined;
  const pid = readProc(join(socket, "docker.pid")).trim();
  if (!/^\d+$/.test(pid)) return undefined;
  const startedAt = startOf(readProc(`/proc/${pid}/stat`), readProc("/proc/stat"));
  if (startedAt === undefined) return undefined;
  const environment = readProc(`/proc/${pid}/environ`);
  return { startedAt, path: /(?:^|\0)PATH=([^\0]*)/.exec(environment)?.[1]?.split(":") };
}

/** Undefined for a process that is not dockerd: the PID file may be left over from one that ended. Source: man 5 proc. */
function startOf(process: string, system: string): number | undefined {
  const [, name, fields = ""] = /^\d+ \((.*)\) (.*)$/s.exec(process) ?? [];
  const ticks = Number(fields.split(" ")[19]); // field 22; the first one after the name is field 3
  const boot = Number(/^btime (\d+)$/m.exec(system)?.[1]);
  return name !== "dockerd" || Number.isNaN(ticks + boot) ? undefined : (boot + 1 + ticks / ticksPerSecond) * 1000;
}
