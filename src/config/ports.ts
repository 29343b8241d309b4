import { isIPv4 } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import "./key-meta.ts";
import type { Checked } from "../model/checked.ts";
import type { PublishedPort } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { x11Bind } from "../model/x11.ts";

/** `benchbox:ports`: ports of the box that are published in addition to SSH's. */

const rule = "must be a port or a range, for example 8888 or 6006-6010";

/** A port, or the first and the last one of a range. */
const ports = z.union([z.int(), z.string()], rule).transform((written, context): readonly [number, number] => {
  const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(written)) ?? [];
  const range = [Number(from), Number(to ?? from)] as const;
  const refuse = (message: string): never => {
    context.addIssue({ code: "custom", message, input: written });
    return z.NEVER;
  };
  if (from === undefined) return refuse(rule);
  if (range[0] < 1 || range[1] > 65535) return refuse("must be between 1 and 65535");
  if (range[1] < range[0]) return refuse("must have the lower port first");
  // The Docker Engine runs a process for each port.
  return range[1] - range[0] >= 256 ? refuse("must be a range of at most 256 ports") : range;
});

export const portOptions = z
  .array(
    z.strictObject({
      host: ports.meta({
        description: "Port on the Docker host, or a range.",
        examples: [8888, "6006-6010"],
      }),
      container: ports.optional().meta({
        description:
          "Port in the box, or a range of the same length. It may be published on several ports of the host.",
        defaultText: "the same as `host`",
        examples: [80],
      }),
      protocol: z
        .enum(["tcp", "udp", "both"], 'must be "tcp", "udp" or "both"')
        .default("tcp")
        .meta({ description: "Protocol.", examples: ["udp"] }),
      bind: z
        .string("must be an IPv4 address")
        .refine(isIPv4, "must be an IPv4 address of the Docker host, or 0.0.0.0 for all of them")
        .default("127.0.0.1")
        .meta({
          description: "Address of the Docker host. Published ports bypass its firewall (ufw, firewalld).",
          examples: ["0.0.0.0"],
        }),
    }),
    "must be a list of {host, container, protocol, bind}",
  )
  .default([])
  .meta({
    description: "Ports of the box that are published in addition to SSH's.",
    examples: [[{ host: 8888 }, { host: 14550, protocol: "udp" }]],
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
  const value: PublishedPort[] = [];
  const refuse = (index: number, key: "host" | "container", message: string): void => {
    const before = problems.some((one) => isDeepStrictEqual(one, problem(index, key, message)));
    if (!before) problems.push(problem(index, key, message));
  };
  const entries = ports.flatMap((entry, index) => {
    const { host, container = host } = entry;
    const [hosts, containers] = [host[1] - host[0], container[1] - container[0]];
    if (containers === hosts) return expand(entry).map((one) => ({ one, index }));
    refuse(index, "container", `has ${containers + 1} ports, and \`host\` has ${hosts + 1}; write as many`);
    return [];
  });
  for (const { one, index } of entries) {
    const before = value.filter(({ protocol }) => protocol === one.protocol);
    const isTcp = one.protocol === "tcp";
    value.push(one);
    if (one.container === 22 && isTcp) {
      refuse(index, "container", "22 is the SSH port, which `ssh.port` publishes; choose another port");
    } else if (one.container === x11 && isTcp) {
      refuse(index, "container", `${x11} is the X server's port, which \`x11.server\` publishes; choose another port`);
    }
    if (isTcp && one.host === ssh.port && overlap(one.bind, ssh.bind)) {
      refuse(index, "host", `${one.host} is already used by SSH (\`ssh.port\`); choose another`);
    } else if (isTcp && one.host === x11 && overlap(one.bind, x11Bind)) {
      refuse(index, "host", `${x11} is already used by the X server (\`x11.server.display\`); choose another`);
    } else if (before.some(({ host, bind }) => host === one.host && overlap(bind, one.bind))) {
      refuse(index, "host", `${one.host} is already used by another entry; choose another`);
    }
  }
  return problems.length > 0
    ? { problems }
    : { value: value.sort((a, b) => a.container - b.container || a.host - b.host) };
}

function expand({ host, container = host, protocol, bind }: z.output<typeof portOptions>[number]): PublishedPort[] {
  const offsets = Array.from({ length: host[1] - host[0] + 1 }, (_, offset) => offset);
  const protocols = protocol === "both" ? (["tcp", "udp"] as const) : ([protocol] as const);
  return offsets.flatMap((offset) =>
    protocols.map((one) => ({ host: host[0] + offset, container: container[0] + offset, protocol: one, bind })),
  );
}

/** The reason why the X server cannot use its port next to SSH's; undefined when it can. */
export function evaluateX11Port({ ssh, x11 }: TakenPorts): string | undefined {
  if (x11 !== ssh.port || !overlap(ssh.bind, x11Bind)) return undefined;
  return `its port, ${x11}, is already used by SSH (\`ssh.port\`); choose another display or another SSH port`;
}

const overlap = (a: string, b: string): boolean => a === b || a === "0.0.0.0" || b === "0.0.0.0";
