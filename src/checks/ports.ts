import { createServer } from "node:net";
import { isLoopbackAddress } from "../model/bind-address.ts";
import { type CheckResult, error, notVisible, passed } from "../model/check-result.ts";
import { docker } from "../observe/docker.ts";

/** A port to publish for the box. */
export interface WantedPort {
  readonly bind: string;
  readonly port: number;
  /** Purpose of the port, as in "needed for SSH". */
  readonly purpose: string;
  /** The option that sets the port. */
  readonly option: string;
}

/** Checks that ports which the box does not use yet are free. */
export async function checkPorts(ports: readonly WantedPort[], isRemote: boolean): Promise<CheckResult[]> {
  const results = await Promise.all(
    ports.map(async (wanted) => {
      if (!isRemote && (await canListen(wanted.bind, wanted.port))) return passed(subjectOf(wanted), "free");
      const { stdout } = await docker(["ps", "--filter", `publish=${wanted.port}`, "--format", "{{.Names}}"]);
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
    `${container === undefined ? `find it: sudo ss -lptn 'sport = :${port}'` : `docker stop ${container}`}; ` +
      `or set another ${option} in Pulumi.<stack>.yaml`,
  );
}

export const subjectOf = ({ bind, port }: WantedPort): string => `port ${port} on ${bind}`;

/** Whether a port of this host is free. */
export function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
