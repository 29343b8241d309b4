import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { askContext } from "../observe/client-settings.ts";

/** Sets DOCKER_HOST and the variables for TLS to the Docker Engine of the docker client's context, unless DOCKER_HOST is set. */
export function useDockerContext(): void {
  const context = process.env.DOCKER_HOST ? "default" : askContext();
  if (context === "default") return;
  process.env.DOCKER_HOST = inspectContext(context, "{{.Endpoints.docker.Host}}");
  const certificates = join(inspectContext(context, "{{.Storage.TLSPath}}"), "docker");
  if (existsSync(join(certificates, "ca.pem"))) useCertificates(certificates);
}

/** Empty for a context that does not exist, which the docker client reports. */
function inspectContext(name: string, format: string): string {
  const words = ["context", "inspect", "--format", format, name];
  try {
    return execFileSync("docker", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

/** Sets the docker client's variables for TLS. @param folder with ca.pem, cert.pem and key.pem */
export function useCertificates(folder: string): void {
  Object.assign(process.env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: folder });
}
