import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "../support/clone.ts";
import { hostAuthorities } from "../support/host-authorities.ts";

const project = join(import.meta.dirname, "../..");

export interface Run {
  readonly code: number;
  /** Both streams, in order of arrival. */
  readonly output: string;
  readonly seconds: number;
}

export interface BoxOptions {
  readonly network?: "bridge" | "none";
  /** Additional certificate authorities to trust, as PEM. */
  readonly authority?: string;
  /** Additional arguments for `docker run`. */
  readonly words?: readonly string[];
}

/**
 * A container from a box's image, with the project's scripts mounted at /scripts and nothing else installed. It trusts the certificate
 * authorities of this host.
 */
export class FreshBox {
  readonly #id: string;
  readonly #scratch = mkdtempSync(join(tmpdir(), "benchbox-fresh-"));

  constructor(image: string, { network = "bridge", authority = "", words = [] }: BoxOptions = {}) {
    // update-ca-certificates requires one certificate per file.
    const authorities =
      `${hostAuthorities()}\n${authority}`.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    authorities.forEach((text, index) => {
      writeFileSync(join(this.#scratch, `${index}.crt`), `${text}\n`);
    });
    const mounts = {
      [join(project, "scripts")]: "/scripts",
      [this.#scratch]: "/usr/local/share/ca-certificates/tests",
    };
    const volumes = Object.entries(mounts).map(([from, to]) => `--volume=${from}:${to}:ro`);
    const place = ["--detach", "--init", `--network=${network}`, "--entrypoint=sleep", ...volumes, ...words];
    this.#id = docker("run", ...place, image, "infinity");
    execFileSync("docker", ["exec", this.#id, "update-ca-certificates"], { stdio: "ignore" });
  }

  /** Runs a shell command as a user; does not throw when it fails. */
  run(user: string, command: string, environment: Readonly<Record<string, string>> = {}): Promise<Run> {
    const set = Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const words = ["exec", "--user", user, ...set, this.#id, "bash", "-c", `export HOME=~; exec 2>&1; ${command}`];
    const started = Date.now();
    const child = spawn("docker", words, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += String(chunk);
    });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? -1, output, seconds: (Date.now() - started) / 1000 }));
    });
  }

  /** Runs a command and returns its output. @throws Error when it fails */
  async ok(user: string, command: string, environment?: Readonly<Record<string, string>>): Promise<string> {
    const { code, output } = await this.run(user, command, environment);
    if (code !== 0) throw new Error(`${command} failed with exit code ${code}:\n${output}`);
    return output;
  }

  remove(): void {
    docker("rm", "--force", this.#id);
    rmSync(this.#scratch, { recursive: true });
  }
}
