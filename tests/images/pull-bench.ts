import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { docker, type Run } from "../support/clone.ts";
import { type Endpoint, type PublishedImage, publish, startRegistry } from "../support/registry.ts";

const pullBase = join(import.meta.dirname, "../../src/resources/pull/pull-base.ts");

export interface Pull extends Run {
  readonly stdout: string;
  readonly seconds: number;
}

/** Shared set-up of the tests of `pull-base`: a folder of images, a registry that serves it, and the Docker Engine to pull to. */
export class PullBench {
  /** An address where nothing listens. */
  readonly dead = "127.0.0.1:1";
  readonly folder = mkdtempSync(join(tmpdir(), "bb-pull-"));
  readonly environment: NodeJS.ProcessEnv;
  #registry: Endpoint | undefined;
  #published = 0;

  /** @param engine DOCKER_HOST of the Docker Engine to pull to; undefined for the host's own */
  constructor(engine: string | undefined) {
    const { DOCKER_HOST: _, ...environment } = process.env;
    this.environment = {
      ...environment,
      ...(engine === undefined ? {} : { DOCKER_HOST: engine }),
      // A client configuration without logins.
      DOCKER_CONFIG: join(this.folder, "docker-client"),
      BENCHBOX_PULL_ANSWER_SECONDS: "2",
      BENCHBOX_PULL_STALL_SECONDS: "2",
      BENCHBOX_PULL_REPORT_SECONDS: "1",
    };
  }

  async start(): Promise<void> {
    this.#registry = await startRegistry(join(this.folder, "images"));
  }

  /** Host and port of the registry that has all images. */
  get registry(): string {
    if (this.#registry === undefined) throw new Error("the bench has not been started");
    return this.#registry.host;
  }

  /** Publishes a new random image in the registry, under a path of its own. */
  async publish(megabytes = 1): Promise<PublishedImage & { path: string }> {
    const path = `team/base${process.pid}-${this.#published++}:1`;
    return { path, ...(await publish(this.registry, path.replace(":1", ""), "1", megabytes)) };
  }

  /** Starts another registry that serves the same images, for one test. */
  async secondRegistry(t: TestContext, options: { asksForLogin?: boolean }): Promise<string> {
    const registry = await startRegistry(join(this.folder, "images"), options);
    t.after(registry.stop);
    return registry.host;
  }

  pull(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Pull> {
    const started = performance.now();
    const child = spawn(pullBase, words, {
      env: { ...this.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        resolve({ code: code ?? -1, stdout, output, seconds: (performance.now() - started) / 1000 });
      });
    });
  }

  /** Runs the docker client with the bench's Docker Engine. */
  docker(...words: string[]): string {
    const { DOCKER_HOST } = this.environment;
    return docker(...(DOCKER_HOST === undefined ? [] : ["--host", DOCKER_HOST]), ...words);
  }

  /** The image names on the Docker Engine that contain this path; by default those of this bench. */
  names(path = `team/base${process.pid}-`): string[] {
    const all = this.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split("\n");
    return all.filter((name) => name.includes(path) || name.startsWith("benchbox-kept:"));
  }

  async stop(): Promise<void> {
    const own = `team/base${process.pid}-`;
    const list = this.docker("image", "ls", "--digests", "--format", "{{.Repository}} {{.Tag}} {{.Digest}}").split(
      "\n",
    );
    for (const [repository, tag, digest] of list.map((line) => line.split(" "))) {
      if (!repository?.includes(own)) continue;
      this.docker("image", "rm", tag === "<none>" ? `${repository}@${digest}` : `${repository}:${tag}`);
    }
    await this.#registry?.stop();
    rmSync(this.folder, { recursive: true });
  }
}
