import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { docker } from "../support/clone.ts";
import { makeBase } from "../support/make-base.ts";

const project = join(import.meta.dirname, "../..");

export interface Step {
  readonly code: number;
  /** Both streams, in order of arrival. */
  readonly output: string;
  /** The parts of the output with their arrival times, in milliseconds after the start. */
  readonly chunks: readonly { readonly text: string; readonly after: number }[];
}

/** Contents of the build's secrets `/run/secrets/<name>`, by name. */
export type Secrets = Readonly<Record<string, string>>;

/**
 * A container from a Debian base image in which with-network runs as in a build: on the host's network, with image/build at
 * /run/build, secrets at /run/secrets and an empty /run/network. It also has the host's Node and npm.
 */
export class NetworkBox {
  readonly #folder = mkdtempSync(join(tmpdir(), "benchbox-network-"));
  readonly #id: string;

  constructor(suite: string) {
    const tag = makeBase(suite);
    mkdirSync(join(this.#folder, "secrets"));
    const program = execFileSync("bash", ["-c", 'readlink -f "$(command -v npm)"'], { encoding: "utf8" }).trim();
    const mounts = {
      [join(project, "image/build")]: "/run/build",
      [join(this.#folder, "secrets")]: "/run/secrets",
      [process.execPath]: "/opt/node/node",
      [dirname(dirname(program))]: "/opt/npm",
    };
    const volumes = Object.entries(mounts).map(([from, to]) => `--volume=${from}:${to}:ro`);
    const place = ["--network=host", "--init", "--tmpfs=/run/network", ...volumes];
    this.#id = docker("run", "--detach", ...place, tag, "sleep", "infinity");
  }

  /** Runs a bash script under with-network, with exactly these secrets; does not throw when it fails. */
  step(secrets: Secrets, script: string): Promise<Step> {
    return this.run(secrets, ["bash", "-c", script]);
  }

  /** Runs a command under with-network, as `step` does. */
  run(secrets: Secrets, command: readonly string[]): Promise<Step> {
    const folder = join(this.#folder, "secrets");
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    for (const [name, value] of Object.entries(secrets)) writeFileSync(join(folder, name), value);
    const started = Date.now();
    const child = spawn("docker", ["exec", this.#id, "/run/build/with-network", ...command], { stdio: "pipe" });
    const chunks: { text: string; after: number }[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => chunks.push({ text: String(chunk), after: Date.now() - started }));
    }
    return new Promise((resolve) => {
      child.once("close", (code) =>
        resolve({ code: code ?? -1, output: chunks.map(({ text }) => text).join(""), chunks }),
      );
    });
  }

  /** Runs a bash script without with-network and returns its output. @throws Error when it fails */
  plain(script: string): string {
    return docker("exec", this.#id, "bash", "-c", script);
  }

  /** The command lines of all processes in the container, except for its main process. */
  processes(): string[] {
    const lines = docker("top", this.#id, "-o", "pid,args").split("\n").slice(1);
    return lines.map((line) => line.trim().replace(/^\d+\s+/, "")).filter((line) => !/sleep infinity$/.test(line));
  }

  remove(): void {
    docker("rm", "--force", this.#id);
    rmSync(this.#folder, { recursive: true });
  }
}

/** A self-signed certificate for an IP address. */
export function selfSigned(address: string): { key: string; certificate: string } {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-authority-"));
  const [key, certificate] = [join(folder, "key"), join(folder, "certificate")];
  const subject = ["-subj", "/CN=benchbox test", "-addext", `subjectAltName=IP:${address}`, "-days", "2"];
  const files = ["-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...subject], { stdio: "ignore" });
  const pair = { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
  rmSync(dirname(key), { recursive: true });
  return pair;
}
