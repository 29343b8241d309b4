import { isIPv4 } from "node:net";
import { z } from "zod";
import type { Checked } from "../model/checked.ts";
import type { PublishedPort } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { x11Bind } from "../model/x11.ts";

/** `benchbox:ports`: ports of the box that are published in addition to SSH's. */

const port = z
  .int("must be a whole number, for example 8888")
  .min(1, "must be at least 1")
  .max(65535, "must be at most 65535");

export const portOptions = z
  .array(
    z.strictObject({
      host: port.meta({ description: "Port on the Docker host.", examples: [8888] }),
      container: port
        .optional()
        .meta({ description: "Port in the box.", defaultText: "the same as `host`", examples: [80] }),
      bind: z
        .string("must be an IPv4 address")
        .refine(isIPv4, "must be an IPv4 address of the Docker host, or 0.0.0.0 for all of them")
        .default("127.0.0.1")
        .meta({
          description: "Address of the Docker host. Published ports bypass its firewall (ufw, firewalld).",
          examples: ["0.0.0.0"],
        }),
    }),
    "must be a list of {host, container, bind}",
  )
  .default([])
  .meta({
    description: "Ports of the box that are published in addition to SSH's.",
    examples: [[{ host: 8888 }]],
    effect: "new container",
  });

/** The ports that are taken before `benchbox:ports` is read. */
export interface TakenPorts {
  readonly ssh: { readonly bind: string; readonly port: number };
  /** Port of the X server, the same in the box and on the Docker host; undefined without an X server. */
  readonly x11: number | undefined;
}

/**
 * Validates the ports and sorts them by the port in the box. The Docker Engine lists them in that order, and any other order would
 * appear as a change of the container.
 */
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
      problems.push(problem(index, "container", "22 is the SSH port, which `ssh.port` publishes; choose another port"));
    } else if (one.container === x11) {
      const message = `${x11} is the X server's port, which \`x11.server\` publishes; choose another port`;
      problems.push(problem(index, "container", message));
    } else if (before.some(({ container }) => container === one.container)) {
      problems.push(problem(index, "container", `${one.container} is already published; remove one of the two`));
    }
    if (one.host === ssh.port && overlap(one.bind, ssh.bind)) {
      problems.push(problem(index, "host", `${one.host} is already used by SSH (\`ssh.port\`); choose another`));
    } else if (one.host === x11 && overlap(one.bind, x11Bind)) {
      problems.push(
        problem(index, "host", `${x11} is already used by the X server (\`x11.server.display\`); choose another`),
      );
    } else if (before.some(({ host, bind }) => host === one.host && overlap(bind, one.bind))) {
      problems.push(problem(index, "host", `${one.host} is already used by another entry; choose another`));
    }
  });
  return problems.length > 0 ? { problems } : { value: value.sort((a, b) => a.container - b.container) };
}

/** The reason why the X server cannot use its port next to SSH's; undefined when it can. */
export function evaluateX11Port({ ssh, x11 }: TakenPorts): string | undefined {
  if (x11 !== ssh.port || !overlap(ssh.bind, x11Bind)) return undefined;
  return `its port, ${x11}, is already used by SSH (\`ssh.port\`); choose another display or another SSH port`;
}

const overlap = (a: string, b: string): boolean => a === b || a === "0.0.0.0" || b === "0.0.0.0";
