import { isIPv4 } from "node:net";
import { z } from "zod";
import type { Checked } from "../model/checked.ts";
import type { PublishedPort } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { x11Bind } from "../model/x11.ts";

/** `benchbox:ports`: ports of the box that are published beside SSH's. */

const port = z
  .int("must be a whole number, for example 8888")
  .min(1, "must be at least 1")
  .max(65535, "must be at most 65535");

export const portOptions = z
  .array(
    z.strictObject({
      /** Port of the engine's machine. */
      host: port,
      /** Port in the box; by default the same. */
      container: port.optional(),
      /** Address of the engine's machine. Published ports go past its firewall (ufw, firewalld). */
      bind: z
        .string("must be an IPv4 address")
        .refine(isIPv4, "must be an IPv4 address of the engine's machine, or 0.0.0.0 for all of them")
        .default("127.0.0.1"),
    }),
    "must be a list of {host, container, bind}",
  )
  .default([]);

/** What has ports before any of these. */
export interface TakenPorts {
  readonly ssh: { readonly bind: string; readonly port: number };
  /** Port of the X server in the box, here and there; undefined without one. */
  readonly x11: number | undefined;
}

/** In the order of the ports in the box, in which the engine tells of them: another one would show as a difference. */
export function readPorts(
  ports: z.output<typeof portOptions>,
  { ssh, x11 }: TakenPorts,
  problem: (index: number, key: "host" | "container", message: string) => Problem,
): Checked<PublishedPort[]> {
  const problems: Problem[] = [];
  const value = ports.map(({ host, container = host, bind }): PublishedPort => ({ host, container, bind }));
  value.forEach((one, index) => {
    const before = value.slice(0, index);
    if (one.container === 22) {
      problems.push(problem(index, "container", "22 is SSH's, which is published by `ssh.port`; name another port"));
    } else if (one.container === x11) {
      const message = `${x11} is the X server's, which is published by \`x11.server\`; name another port`;
      problems.push(problem(index, "container", message));
    } else if (before.some(({ container }) => container === one.container)) {
      problems.push(problem(index, "container", `${one.container} is published already; once is enough`));
    }
    if (one.host === ssh.port && overlap(one.bind, ssh.bind)) {
      problems.push(problem(index, "host", `${one.host} is the port of SSH (\`ssh.port\`); name another`));
    } else if (one.host === x11 && overlap(one.bind, x11Bind)) {
      problems.push(
        problem(index, "host", `${x11} is the port of the X server (\`x11.server.display\`); name another`),
      );
    } else if (before.some(({ host, bind }) => host === one.host && overlap(bind, one.bind))) {
      problems.push(problem(index, "host", `${one.host} is used by another entry; name another`));
    }
  });
  return problems.length > 0 ? { problems } : { value: value.sort((a, b) => a.container - b.container) };
}

/** Why the X server cannot have its port beside SSH's; undefined when it can. */
export function evaluateX11Port({ ssh, x11 }: TakenPorts): string | undefined {
  if (x11 !== ssh.port || !overlap(ssh.bind, x11Bind)) return undefined;
  return `its port, ${x11}, is the port of SSH (\`ssh.port\`); choose another display or another port for SSH`;
}

const overlap = (a: string, b: string): boolean => a === b || a === "0.0.0.0" || b === "0.0.0.0";
