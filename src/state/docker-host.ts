import { homedir } from "node:os";
import { stackOptions } from "../config/files.ts";
import { useCertificates, useDockerContext } from "./docker-context.ts";
import { projectFolder } from "./project.ts";

/**
 * Sets DOCKER_HOST, and what TLS needs, to the Docker Engine of a stack: the one that its file names, else the environment's, else that
 * of the docker client's context. The client, the providers and the build each find an engine in their own way; all of them heed the
 * environment.
 */
export function useDockerHost(stack: string): void {
  const { docker_host: host, docker_certs: certificates } = stackOptions(projectFolder, stack);
  if (typeof host !== "string") {
    useDockerContext();
    return;
  }
  process.env.DOCKER_HOST = host;
  if (typeof certificates === "string") useCertificates(certificates.replace(/^~/, homedir()));
  else if (!host.startsWith("tcp://")) {
    delete process.env.DOCKER_TLS_VERIFY; // they are for another engine
    delete process.env.DOCKER_CERT_PATH;
  }
}
