import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Sets DOCKER_HOST, and what TLS needs, to the Docker Engine of the docker client's context, unless the environment names one. */
export function useDockerContext(): void {
  if (!process.env.DOCKER_HOST && mayHaveContext()) useContext();
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

export function useCertificates(folder: string): void {
  Object.assign(process.env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: folder });
}
