import { type CheckResult, error, warning } from "../model/check-result.ts";
import { isRemoteEngine } from "../model/engine-address.ts";
import type { Machine } from "../model/machine.ts";
import { redact } from "../model/redact.ts";
import type { HostObservation } from "../observe/host.ts";

/**
 * Checks that the docker client, the Docker provider and the image build use the same Docker Engine. Each of them selects the engine
 * in its own way, and a build falls back to the local one. They agree when the environment sets the address and the certificates.
 */
export function evaluateWhichEngine(
  { dockerHost, dockerCerts }: Pick<Machine, "dockerHost" | "dockerCerts">,
  { address, certs, context }: Pick<HostObservation, "address" | "certs" | "context">,
): CheckResult[] {
  if (dockerHost !== undefined && address !== dockerHost) {
    return error(
      "DOCKER_HOST",
      `${address ?? "not set"}: the image would be built on another Docker Engine`,
      `the stack's Docker Engine, ${dockerHost} (docker_host)`,
      `use npm run up, or: export DOCKER_HOST=${dockerHost}`,
    );
  }
  if (dockerCerts !== undefined && certs !== dockerCerts) {
    return error(
      "DOCKER_CERT_PATH",
      certs ?? "not used: DOCKER_TLS_VERIFY is not set",
      `the certificates for the stack's Docker Engine, ${dockerCerts} (docker_certs)`,
      `use npm run up, or: export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=${dockerCerts}`,
    );
  }
  if (address !== undefined || context === undefined || context === "default") return [];
  return error(
    "DOCKER_HOST",
    `not set, and the docker client uses the context ${context}, which the Docker provider ignores`,
    "the address of the context's Docker Engine; otherwise the image would be built on another one",
    "use npm run up, or: export DOCKER_HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}')",
  );
}

/** Warns about a remote Docker Engine without TLS: anyone who reaches its port controls it, and thereby has root access to its host. */
export function evaluateTransport({ address, certs }: Pick<HostObservation, "address" | "certs">): CheckResult[] {
  if (certs !== undefined || !address?.startsWith("tcp://") || !isRemoteEngine(address)) return [];
  return warning(
    "Docker Engine",
    `${redact(address)} is used without TLS: anyone who reaches that port is root on that host, ` +
      "and anyone on the network can read the traffic",
    "ssh://USER@HOST, or TLS",
    "set docker_host to ssh://…, or docker_certs to a folder with ca.pem, cert.pem and key.pem " +
      "(https://docs.docker.com/engine/security/protect-access/)",
  );
}
