import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeBase } from "../support/make-base.ts";

const project = join(import.meta.dirname, "../..");

/** A proxy that appears in no file of a distribution. */
export const proxy = {
  http_proxy: "http://planted:s3cr%2Bt-pass@proxy.planted.test:3128",
  place: "proxy.planted.test:3128",
  password: "s3cr+t-pass",
};

/** Returns the base image that the stack `sandbox` also uses; creates it if it is missing. */
export function baseImage(): string {
  return makeBase("trixie");
}

/** Images with planted content, built by the Docker Engine's classic builder. */
export class PlantedImages {
  readonly #images: string[] = [];

  /** Builds an image FROM the base, with these Dockerfile lines and the files as its build context; returns its tag. */
  build(
    base: string,
    lines: readonly string[],
    files: Record<string, string | Buffer> = {},
    options: readonly string[] = [],
  ): string {
    const context = mkdtempSync(join(tmpdir(), "benchbox-planted-"));
    const tag = `benchbox-planted:${process.pid}-${this.#images.length}`;
    try {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(context, name)), { recursive: true });
        writeFileSync(join(context, name), content);
      }
      writeFileSync(join(context, "Dockerfile"), [`FROM ${base}`, ...lines, ""].join("\n"));
      const words = ["build", "--quiet", "--network=none", ...options, "--tag", tag, context];
      const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/proxy/i.test(name)));
      execFileSync("docker", words, {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...environment, DOCKER_BUILDKIT: "0" },
      });
      this.#images.push(tag);
    } finally {
      rmSync(context, { recursive: true });
    }
    return tag;
  }

  remove(): void {
    for (const image of this.#images.splice(0)) spawnSync("docker", ["image", "rm", image]);
  }
}

/** Runs the command as a user does, with only the given proxies. */
export function verifyImage(
  words: readonly string[],
  environment: Record<string, string> = {},
): { code: number; output: string; stdout: string } {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!/proxy/i.test(name)) env[name] = value;
  const command = join(project, "src/resources/verify/verify-image.ts");
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: "utf8", env: { ...env, ...environment } });
  return { code: status ?? -1, output: stdout + stderr, stdout };
}
