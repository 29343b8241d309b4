import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostAuthorities } from "../image/network-box.ts";
import { docker } from "../support/clone.ts";

const project = join(import.meta.dirname, "../..");

export interface Run {
  readonly code: number;
  /** Both streams, in the order they came. */
  readonly output: string;
  readonly seconds: number;
}

export interface BoxOptions {
  readonly network?: "bridge" | "none";
  /** More certificate authorities that it trusts, PEM. */
  readonly authority?: string;
  /** More words for `docker run`. */
  readonly words?: readonly string[];
}

/** A container of a box's image with nothing in it but the project's scripts, as they are, at /scripts. It trusts what this machine trusts. */
export class FreshBox {
  readonly #id: string;
  readonly #scratch = mkdtempSync(join(tmpdir(), "benchbox-fresh-"));

  constructor(image: string, { network = "bridge", authority = "", words = [] }: BoxOptions = {}) {
    // Each in a file of its own, as update-ca-certificates wants them.
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

  /** Runs a shell command as a user; never throws. */
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

  /** Runs a command that must succeed, and returns what it printed. */
  async ok(user: string, command: string, environment?: Readonly<Record<string, string>>): Promise<string> {
    const { code, output } = await this.run(user, command, environment);
    if (code !== 0) throw new Error(`${command} ended with exit code ${code}:\n${output}`);
    return output;
  }

  remove(): void {
    docker("rm", "--force", this.#id);
    rmSync(this.#scratch, { recursive: true });
  }
}
