import { isIP, isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import "./key-meta.ts";
import type { BoxNetwork } from "../model/network.ts";
import type { Problem } from "../model/problem.ts";

const dockerName = (what: string) =>
  z.string(`must be the name of ${what}`).regex(/^[a-zA-Z0-9][\w.-]*$/, `must be the name of ${what}`);

const isRange = (text: string, isAddress: (address: string) => boolean, most: number): boolean => {
  const [address = "", length = "", ...rest] = text.split("/");
  return (
    isAddress(address) && /^\d{1,3}$/.test(length) && Number(length) >= 8 && Number(length) <= most && rest.length === 0
  );
};
const subnetRule = "must be an IPv4 range, for example 10.77.0.0/24";
const ipv6Rule = "must be an IPv6 range, for example fd77:1::/64";
const hostRule =
  "must be an IPv4 address, or host-gateway for the Docker host: the Docker provider cannot read IPv6 addresses back";

const mapping = z
  .strictObject(
    {
      mode: z
        .enum(["own", "host"], 'must be "own" or "host"')
        .optional()
        .meta({
          description:
            "`own`: a network of the box's own. `host`: the Docker host's network, for NCCL between hosts; SSH then listens on " +
            "`ssh.port` of `ssh.bind` itself, and every port that a program in the box opens is open on the host.",
          defaultText: "`own`",
          examples: ["host"],
        }),
      existing: dockerName("a Docker network")
        .optional()
        .meta({
          description: "An existing Docker network instead.",
          examples: ["lab"],
        }),
      container: dockerName("a container")
        .optional()
        .meta({
          description:
            "The network of another container instead, such as a VPN client. That container publishes the box's ports: `ssh.port` of " +
            "`ssh.bind` to its port 22. When it is created again, so is the box.",
          examples: ["vpn"],
        }),
      mtu: z
        .int("must be a whole number of bytes, for example 9000")
        .min(1280, "must be at least 1280")
        .max(65535, "must be at most 65535")
        .optional()
        .meta({
          description: "Largest packet of the box's own network, in bytes.",
          defaultText: "that of the host's uplink, at most 1500",
          examples: [9000],
          effect: "in place",
        }),
      subnet: z
        .string(subnetRule)
        .refine((text) => isRange(text, isIPv4, 29), subnetRule)
        .optional()
        .meta({
          description: "IPv4 range of the box's own network.",
          defaultText: "chosen by the Docker Engine",
          examples: ["10.77.0.0/24"],
          effect: "in place",
        }),
      ipv6: z
        .string(ipv6Rule)
        .refine((text) => isRange(text, isIPv6, 126), ipv6Rule)
        .optional()
        .meta({
          description: "IPv6 range of the box's own network, which has IPv6 then.",
          defaultText: "no IPv6",
          examples: ["fd77:1::/64"],
          effect: "in place",
        }),
      dns: z
        .array(z.string("must be an address").refine((address) => isIP(address) !== 0, "must be an IP address"))
        .default([])
        .meta({
          description: "DNS servers. The Docker provider does not keep their order.",
          defaultText: "those of the Docker host",
          examples: [["10.0.0.53"]],
        }),
      dns_search: z
        .array(z.string("must be a domain").regex(/^[\w.-]+$/, "must be a domain, for example lab.lan"))
        .default([])
        .meta({
          description: "Domains that are appended to short host names.",
          defaultText: "those of the Docker host",
          examples: [["lab.lan"]],
        }),
      extra_hosts: z
        .record(
          z.string().regex(/^[\w.-]+$/, "is not a host name"),
          z.string(hostRule).refine((address) => isIPv4(address) || address === "host-gateway", hostRule),
          "must be a mapping of host names to addresses",
        )
        .default({})
        .meta({
          description: "Host names for `/etc/hosts`, with their IPv4 addresses; `host-gateway` is the Docker host.",
          examples: [{ nas: "10.0.0.5", host: "host-gateway" }],
        }),
    },
    'must be "host", or a mapping, for example {mtu: 9000}',
  )
  .superRefine((one, context) => {
    const refuse = (key: string, message: string): void =>
      context.addIssue({ code: "custom", path: [key], message, input: one[key as keyof typeof one] });
    const chosen = (["mode", "existing", "container"] as const).filter((key) => one[key] !== undefined);
    for (const key of chosen.slice(1)) refuse(key, `excludes \`${chosen[0]}\`; remove one of the two`);
    if (one.existing !== undefined || one.container !== undefined || one.mode === "host") {
      const which = one.mode === "host" ? "mode: host" : `${chosen[0]}`;
      for (const key of ["mtu", "subnet", "ipv6"] as const)
        if (one[key] !== undefined) refuse(key, `is for the box's own network only, not with \`${which}\`; remove it`);
    }
    if (one.container === undefined) return;
    for (const key of ["dns", "dns_search", "extra_hosts"] as const)
      if (Object.keys(one[key]).length > 0) refuse(key, "is the other container's, with `container`; set it there");
  });

/** The short form `host` is a mapping with that mode. */
export const networkConfig = z
  .preprocess((value) => (typeof value === "string" ? { mode: value } : value), mapping)
  .prefault({})
  .transform((written): BoxNetwork => {
    const {
      mode,
      existing,
      container,
      mtu,
      subnet,
      ipv6,
      dns,
      dns_search: dnsSearch,
      extra_hosts: extraHosts,
    } = written;
    const [kind, name] =
      existing !== undefined
        ? (["existing", existing] as const)
        : container !== undefined
          ? (["container", container] as const)
          : ([mode ?? "own", undefined] as const);
    return { kind, name, mtu, subnet, ipv6, dns, dnsSearch, extraHosts };
  })
  .meta({
    description: "The box's network: `host`, or a mapping with the keys below.",
    examples: ["host", { mtu: 9000, dns: ["10.0.0.53"] }],
    effect: "new container",
    alternatives: [z.literal("host"), mapping],
  });

/** Refuses options that have no effect, or another one than meant, in a network that is not the box's own. */
export function networkProblems(
  { kind }: BoxNetwork,
  used: { readonly ports: boolean; readonly hostname: boolean; readonly xServer: boolean },
  problem: (path: readonly string[], message: string) => Problem,
): Problem[] {
  const isShared = kind === "host" || kind === "container";
  return [
    ...(isShared && used.ports
      ? [
          problem(
            ["ports"],
            kind === "host"
              ? "has no effect with `network: host`, where every port of the box is open on the host; remove it"
              : "is set by the other container, with `network.container`; publish the ports there",
          ),
        ]
      : []),
    ...(isShared && used.xServer
      ? [
          problem(
            ["x11", "server"],
            "would listen on all addresses of the network that the box shares; remove one of the two",
          ),
        ]
      : []),
    ...(kind === "container" && used.hostname
      ? [problem(["hostname"], "is the other container's, with `network.container`; remove it")]
      : []),
  ];
}
