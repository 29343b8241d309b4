import { hashOf } from "./hash.ts";

/** The network of a box: its own, the Docker host's, an existing one, or that of another container. */
export interface BoxNetwork {
  readonly kind: "own" | "host" | "existing" | "container";
  /** Name of the existing network or of the other container. */
  readonly name?: string | undefined;
  /** Of its own network: bytes, and IP ranges. */
  readonly mtu?: number | undefined;
  readonly subnet?: string | undefined;
  readonly ipv6?: string | undefined;
  /** Addresses of DNS servers; those of the Docker host if empty. */
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  /** IPv4 addresses, or `host-gateway`, by host name. */
  readonly extraHosts: Readonly<Record<string, string>>;
}

/** Environment variable of a box on the host's network: the address and the port that its SSH server listens on. */
export const sshListenVariable = "BENCHBOX_SSH_LISTEN";

/** The options of `docker network create` for a box's own network. */
export const networkOptions = ({ mtu, subnet, ipv6 }: BoxNetwork): string[] => [
  ...(mtu === undefined ? [] : ["--opt", `com.docker.network.driver.mtu=${mtu}`]),
  ...(subnet === undefined ? [] : ["--subnet", subnet]),
  ...(ipv6 === undefined ? [] : ["--ipv6", "--subnet", ipv6]),
];

/** The options of a network as its label has them: empty for none. */
export const optionsHash = (options: readonly string[]): string => (options.length === 0 ? "" : hashOf(...options));
