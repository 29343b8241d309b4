import { type CheckResult, error, warning } from "../model/check-result.ts";
import { isRemoteEngine } from "../model/engine-address.ts";
import type { Machine } from "../model/machine.ts";
import { redact } from "../model/redact.ts";
import type { HostObservation } from "../observe/host.ts";

/**
 * The docker client, the plugin and the image build each find the engine in their own way, and a build goes to the local
 * one when in doubt. They agree when the environment says which it is, and by which certificates it is known.
 */
export function evaluateWhichEngine(
  { dockerHost, dockerCerts }: Pick<Machine, "dockerHost" | "dockerCerts">,
  { address, certs, context }: Pick<HostObservation, "address" | "certs" | "context">,
): CheckResult[] {
  if (dockerHost !== undefined && address !== dockerHost) {
    return error(
      "DOCKER_HOST",
      `${address ?? "not set"}: the image would be built elsewhere`,
      `the stack's engine, ${dockerHost} (docker_host)`,
      `use npm run up, or: export DOCKER_HOST=${dockerHost}`,
    );
  }
  if (dockerCerts !== undefined && certs !== dockerCerts) {
    return error(
      "DOCKER_CERT_PATH",
      certs ?? "not in use: DOCKER_TLS_VERIFY is not set",
      `the certificates for the stack's engine, ${dockerCerts} (docker_certs)`,
      `use npm run up, or: export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=${dockerCerts}`,
    );
  }
  if (address !== undefined || context === undefined || context === "default") return [];
  return error(
    "DOCKER_HOST",
    `not set, and the docker client uses the context ${context}, which the plugins do not know`,
    "the context's engine, or the image would be built elsewhere",
    "use npm run up, or: export DOCKER_HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}')",
  );
}

/** An engine without TLS takes orders from everybody, and so does root of its machine. */
export function evaluateTransport({ address, certs }: Pick<HostObservation, "address" | "certs">): CheckResult[] {
  if (certs !== undefined || !address?.startsWith("tcp://") || !isRemoteEngine(address)) return [];
  return warning(
    "Docker Engine",
    `${redact(address)} is used without TLS: who reaches that port is root there, and who listens reads what is sent`,
    "ssh://USER@HOST, or TLS",
    "docker_host: ssh://…; or docker_certs: a folder with ca.pem, cert.pem and key.pem (https://docs.docker.com/engine/security/protect-access/)",
  );
}
