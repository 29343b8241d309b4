import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { stackOptions } from "../config/files.ts";
import { projectFolder } from "./project.ts";

/**
 * Sets DOCKER_HOST, and what TLS needs, to the Docker Engine of a stack: the one that its file names, else the environment's, else that
 * of the docker client's context. The client, the providers and the build each find an engine in their own way; all of them heed the
 * environment.
 */
export function useDockerHost(stack: string): void {
  const { docker_host: host, docker_certs: certificates } = stackOptions(projectFolder, stack);
  if (typeof host === "string") {
    process.env.DOCKER_HOST = host;
    if (typeof certificates === "string") useCertificates(certificates.replace(/^~/, homedir()));
    else if (!host.startsWith("tcp://")) {
      delete process.env.DOCKER_TLS_VERIFY; // they are for another engine
      delete process.env.DOCKER_CERT_PATH;
    }
  } else if (!process.env.DOCKER_HOST && mayHaveContext()) useContext();
}

/** Whether somebody chose a context of the docker client. Asking the client takes longer than all else here. */
function mayHaveContext(): boolean {
  if (process.env.DOCKER_CONTEXT) return true;
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
  return existsSync(file) && readFileSync(file, "utf8").includes('"currentContext"');
}

function useContext(): void {
  const context = docker("context", "show") || "default"; // an old client has no contexts
  if (context === "default") return;
  process.env.DOCKER_HOST = docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}", context);
  const certificates = join(docker("context", "inspect", "--format", "{{.Storage.TLSPath}}", context), "docker");
  if (existsSync(join(certificates, "ca.pem"))) useCertificates(certificates);
}

function docker(...words: string[]): string {
  try {
    return execFileSync("docker", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

function useCertificates(folder: string): void {
  Object.assign(process.env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: folder });
}
