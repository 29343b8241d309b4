import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { isLoopbackAddress } from "../model/bind-address.ts";
import { type CheckResult, error, notVisible, passed } from "../model/check-result.ts";
import { docker } from "../observe/docker.ts";

/** A port to publish for the box. */
export interface WantedPort {
  readonly bind: string;
  readonly port: number;
  /** @default tcp */
  readonly protocol?: "tcp" | "udp" | undefined;
  /** Purpose of the port, as in "needed for SSH". */
  readonly purpose: string;
  /** The option that sets the port. */
  readonly option: string;
}

/**
 * Checks that ports which the box does not use yet are free.
 *
 * @param firstPort the first port that the Docker Engine may publish
 */
export async function checkPorts(
  ports: readonly WantedPort[],
  isRemote: boolean,
  firstPort = 1,
): Promise<CheckResult[]> {
  const results = await Promise.all(
    ports.map(async (wanted) => {
      const { bind, port, protocol = "tcp" } = wanted;
      if (port < firstPort) return evaluatePrivileged(wanted, firstPort);
      if (!isRemote && (await isFree(bind, port, protocol))) return passed(subjectOf(wanted), "free");
      const { stdout } = await docker(["ps", "--filter", `publish=${port}/${protocol}`, "--format", "{{.Names}}"]);
      const [holder] = stdout.trim().split("\n").filter(Boolean);
      // Of a remote host, only the containers of its Docker Engine are visible.
      return holder === undefined && isRemote ? notVisible(subjectOf(wanted)) : evaluateTakenPort(wanted, holder);
    }),
  );
  return results.flat();
}

/**
 * Checks that this host has the addresses to publish ports on. The Docker Engine reports a missing one only when it starts the container.
 *
 * @param hostAddresses the addresses of the host's network interfaces
 */
export function evaluateAddresses(wanted: readonly WantedPort[], hostAddresses: readonly string[]): CheckResult[] {
  const isOnHost = (bind: string): boolean =>
    ["0.0.0.0", "::"].includes(bind) || isLoopbackAddress(bind) || hostAddresses.includes(bind);
  return wanted
    .filter(({ bind }) => !isOnHost(bind))
    .flatMap((one) =>
      error(
        subjectOf(one),
        `this host has no such address (it has ${hostAddresses.filter((address) => !isLoopbackAddress(address)).join(", ")})`,
        "an address of this host, 127.0.0.1, or 0.0.0.0 for all of them",
        `set ${one.option.replace(/\.port$/, ".bind")} in Pulumi.<stack>.yaml`,
      ),
    );
}

/**
 * Reports a port that is already in use.
 *
 * @param container name of the container that uses it; undefined for another program
 */
export function evaluateTakenPort(wanted: WantedPort, container: string | undefined): CheckResult[] {
  const { port, purpose, option } = wanted;
  return error(
    subjectOf(wanted),
    `already in use by ${container === undefined ? "another program" : `the container ${container}`}`,
    `a free port for ${purpose}`,
    `${container === undefined ? `find it: sudo ss -${wanted.protocol === "udp" ? "lpun" : "lptn"} 'sport = :${port}'` : `docker stop ${container}`}; ` +
      `or set another ${option} in Pulumi.<stack>.yaml`,
  );
}

export const subjectOf = ({ bind, port, protocol }: WantedPort): string =>
  `${protocol === "udp" ? "UDP port" : "port"} ${port} on ${bind}`;

function evaluatePrivileged(wanted: WantedPort, firstPort: number): CheckResult[] {
  return error(
    subjectOf(wanted),
    `a rootless Docker Engine may not publish it: the first port of a user is ${firstPort}`,
    `a port from ${firstPort} on for ${wanted.purpose}`,
    `sudo sysctl net.ipv4.ip_unprivileged_port_start=${wanted.port}; or set another ${wanted.option} in Pulumi.<stack>.yaml`,
  );
}

/** The first port of this host that a user who is not root may listen on. */
export function firstUnprivilegedPort(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
  } catch {
    return 1024;
  }
}

/** Whether a port of this host is free, also one that this user may not listen on, but the Docker Engine may. */
async function isFree(host: string, port: number, protocol: "tcp" | "udp"): Promise<boolean> {
  const problem = await (protocol === "udp" ? bindProblem(host, port) : listenProblem(host, port));
  return problem === "EACCES" ? !isInTable(port, protocol) : problem === undefined;
}

/** Whether this user can listen on a TCP port of this host. */
export const canListen = async (host: string, port: number): Promise<boolean> =>
  (await listenProblem(host, port)) === undefined;

function listenProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "unknown"));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

function bindProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "unknown"));
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}

/** Whether a program listens on the port, according to the kernel's table: any address counts. */
function isInTable(port: number, protocol: "tcp" | "udp"): boolean {
  const digits = port.toString(16).toUpperCase().padStart(4, "0");
  const row = new RegExp(`^ *\\d+: [0-9A-F]+:${digits} \\S+ ${protocol === "tcp" ? "0A" : ""}`, "m");
  return [protocol, `${protocol}6`].some((table) => row.test(readFileSync(`/proc/net/${table}`, "utf8")));
}
