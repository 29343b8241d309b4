import { createServer } from "node:net";
import { isLoopbackAddress } from "../model/bind-address.ts";
import { type CheckResult, error, notVisible, passed } from "../model/check-result.ts";
import { docker } from "../observe/docker.ts";

/** A port that the box is to be reached on. */
export interface WantedPort {
  readonly bind: string;
  readonly port: number;
  /** What for, as the end of "to be reached by". */
  readonly purpose: string;
  /** Where another one is set. */
  readonly option: string;
}

/** Whether ports can be had that the box does not have yet. */
export async function checkPorts(ports: readonly WantedPort[], isRemote: boolean): Promise<CheckResult[]> {
  const results = await Promise.all(
    ports.map(async (wanted) => {
      if (!isRemote && (await canListen(wanted.bind, wanted.port))) return passed(subjectOf(wanted), "free");
      const { stdout } = await docker(["ps", "--filter", `publish=${wanted.port}`, "--format", "{{.Names}}"]);
      const [holder] = stdout.trim().split("\n").filter(Boolean);
      // On another machine only what its engine says can be seen.
      return holder === undefined && isRemote ? notVisible(subjectOf(wanted)) : evaluateTakenPort(wanted, holder);
    }),
  );
  return results.flat();
}

/**
 * Whether this machine has the addresses that are to be published on: the engine tells only when it starts the container.
 *
 * @param ours those of the machine's interfaces
 */
export function evaluateAddresses(wanted: readonly WantedPort[], ours: readonly string[]): CheckResult[] {
  const isOurs = (bind: string): boolean =>
    ["0.0.0.0", "::"].includes(bind) || isLoopbackAddress(bind) || ours.includes(bind);
  return wanted
    .filter(({ bind }) => !isOurs(bind))
    .flatMap((one) =>
      error(
        subjectOf(one),
        `this machine has no such address (it has ${ours.filter((address) => !isLoopbackAddress(address)).join(", ")})`,
        "an address of this machine, 127.0.0.1, or 0.0.0.0 for all of them",
        `write one into ${one.option.replace(/\.port$/, ".bind")} in Pulumi.<stack>.yaml`,
      ),
    );
}

/** @param container that has it; undefined for another program */
export function evaluateTakenPort(wanted: WantedPort, container: string | undefined): CheckResult[] {
  const { port, purpose, option } = wanted;
  return error(
    subjectOf(wanted),
    `is taken by ${container === undefined ? "another program" : `the container ${container}`}`,
    `it free, for the box to be reached by ${purpose}`,
    `${container === undefined ? `find it: sudo ss -lptn 'sport = :${port}'` : `docker stop ${container}`}; or set another ${option} in Pulumi.<stack>.yaml`,
  );
}

export const subjectOf = ({ bind, port }: WantedPort): string => `port ${port} on ${bind}`;

/** Whether nothing has that port of this machine. */
export function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
