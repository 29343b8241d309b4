import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { debootstrapTag } from "../../src/model/debootstrap-tag.ts";
import { makeBase } from "../support/make-base.ts";

const project = join(import.meta.dirname, "../..");
const hostCertificates = "/usr/local/share/ca-certificates";

export const suites = ["trixie", "bookworm"] as const;
export type Suite = (typeof suites)[number];

/**
 * Creates the real base image of a suite with the project's own program, unless the Docker Engine has it.
 * Returns a function that removes the image if this call created it.
 */
export function ensureBase(suite: Suite): () => void {
  const tag = debootstrapTag({ kind: "debootstrap", suite });
  if (execFileSync("docker", ["images", "--quiet", tag], { encoding: "utf8" }) !== "") return () => {};
  makeBase(suite);
  return () => execFileSync("docker", ["rmi", tag], { stdio: "ignore" });
}

/** A container from a base image, on the host's network, with image/build mounted at /run/build. */
export class FreshBase {
  readonly #id: string;

  constructor(t: TestContext, suite: Suite, network: "host" | "none" = "host") {
    const mounts = [`${join(project, "image/build")}:/run/build:ro`];
    if (existsSync(hostCertificates)) mounts.push(`${hostCertificates}:${hostCertificates}/host:ro`);
    const words = ["run", "--detach", "--init", `--network=${network}`, "--entrypoint=sleep"];
    const tag = debootstrapTag({ kind: "debootstrap", suite });
    this.#id = execFileSync("docker", [...words, ...mounts.flatMap((mount) => ["--volume", mount]), tag, "infinity"], {
      encoding: "utf8",
    }).trim();
    t.after(() => execFileSync("docker", ["rm", "--force", this.#id], { stdio: "ignore" }));
    execFileSync("docker", ["exec", this.#id, "update-ca-certificates"], { stdio: "ignore" });
  }

  /** Runs a shell command as root; does not throw when it fails. The output has both streams. */
  run(command: string, environment: Record<string, string> = {}): Promise<{ code: number; output: string }> {
    const set = Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const words = ["exec", ...set, this.#id, "bash", "-c", `exec 2>&1; PATH=/run/build:$PATH; ${command}`];
    return new Promise((resolve) => {
      const child = execFile("docker", words, { maxBuffer: 2 ** 26 }, (_error, output) =>
        resolve({ code: child.exitCode ?? -1, output }),
      );
    });
  }

  /** Runs a command and returns its output. @throws Error when it fails */
  async ok(command: string, environment?: Record<string, string>): Promise<string> {
    const { code, output } = await this.run(command, environment);
    if (code !== 0) throw new Error(`${command} failed with exit code ${code}:\n${output}`);
    return output;
  }

  /** Paths that were added to the container or changed in it. */
  changes(): string[] {
    const lines = execFileSync("docker", ["diff", this.#id], { encoding: "utf8" }).trim().split("\n");
    return lines.filter((line) => !line.startsWith("D")).map((line) => line.slice(2));
  }
}

// `fresh-base.ts`: creates the base images that the Docker Engine does not have, and prints their names, one per line.
if (import.meta.main) {
  for (const suite of suites) {
    const tag = debootstrapTag({ kind: "debootstrap", suite });
    if (execFileSync("docker", ["images", "--quiet", tag], { encoding: "utf8" }) !== "") continue;
    makeBase(suite);
    console.log(tag);
  }
}
