import { redact } from "./redact.ts";

/** Whether the server's components in `docker version` show Podman, which answers in Docker's form with a version of its own. */
export const isPodman = (components: string): boolean => components.includes("Podman Engine");

/** @param address DOCKER_HOST */
export const podmanFound = (version: string, address: string | undefined): string =>
  `Podman ${version} answers on ${address ? redact(address) : "the docker client's socket"}, not Docker Engine`;

/** Source: `/session` and `/grpc` return 404 in Podman 4.3.1 and 5.8.6; https://github.com/containers/podman/issues/17836. */
export const whyNotPodman =
  "Podman's API has no BuildKit sessions, which pass proxies and certificates to a build as secrets";

export const podmanFix =
  "install Docker Engine (https://docs.docker.com/engine/install/), and unset DOCKER_HOST where it names Podman's socket";
