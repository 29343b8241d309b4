import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Clone, docker, freePort } from "../support/clone.ts";
import { dockerBuild, findBuildClient } from "./build-client.ts";
import { DockerProvider, type StateResource } from "./docker-provider.ts";
import type { Row } from "./report.ts";
import { secondsOf } from "./statistics.ts";

/** Small packages of the distribution that no box contains. */
const packages = ["figlet", "sl", "cowsay", "cmatrix", "toilet", "lolcat", "bsdgames", "fortune-mod"];

/** Measures builds of the box's image by the provider, compared with `docker build` and `apt-get`. */
export async function imageRows(times: number, showProgress: (what: string) => void): Promise<Row[]> {
  const clone = new Clone(`bench${process.pid}`, await freePort());
  try {
    clone.firstRun();
    showProgress("bringing up a box to measure");
    await clone.up();
    const bench = new ImageBench(clone, await imageResource(clone), times);
    showProgress("builds with nothing changed");
    const rows = await bench.unchanged();
    showProgress("builds with a late script changed");
    rows.push(await bench.lateScript());
    showProgress("builds with a package added");
    rows.push(await bench.onePackage());
    showProgress("the image's size");
    rows.push(bench.size());
    return rows;
  } finally {
    await clone.purge();
    clone.remove();
  }
}

async function imageResource(clone: Clone): Promise<StateResource> {
  const state = JSON.parse(await clone.pulumi("stack", "export"));
  const resources: StateResource[] = state.deployment.resources;
  const image = resources.find(({ type }) => type === "docker:index/remoteImage:RemoteImage");
  if (image === undefined) throw new Error("the stack has no image");
  return image;
}

class ImageBench {
  readonly #clone: Clone;
  readonly #image: StateResource;
  readonly #times: number;
  readonly #client = findBuildClient();
  readonly #tag: string;

  constructor(clone: Clone, image: StateResource, times: number) {
    this.#clone = clone;
    this.#image = image;
    this.#times = times;
    this.#tag = `${clone.name}:by-docker-build`;
  }

  /** An image that exists, which the program requests without a build; and a build from the cache, as in another clone. */
  async unchanged(): Promise<Row[]> {
    const { build: _, ...inputs } = this.#image.inputs;
    const against = "docker build, all cached";
    const reference = await this.#each(() => this.#dockerBuild(this.#image));
    const existing = await this.#each(() => this.#build({ ...this.#image, inputs }));
    const cached = await this.#each(() => this.#build(this.#image));
    return [
      { what: "image, nothing changed", ours: existing, against, reference, target: 1.1, unit: "s" },
      { what: "image, built from the cache", ours: cached, against, reference, unit: "s" },
    ];
  }

  async lateScript(): Promise<Row> {
    const change = (): void =>
      this.#clone.write("image/box/healthcheck", `${this.#clone.read("image/box/healthcheck")}# ${Math.random()}\n`);
    return {
      what: "image, a late script changed",
      ours: await this.#each(() => this.#build(this.#image), change),
      against: "docker build, the same",
      reference: await this.#each(() => this.#dockerBuild(this.#image), change),
      unit: "s",
    };
  }

  /** Uses a new package each time. Both sides have lists and archives, since an earlier benchmark may have filled apt's cache. */
  async onePackage(): Promise<Row> {
    const container = docker(
      "run",
      "--detach",
      "--init",
      "--network=host",
      "--entrypoint=sleep",
      this.#reference,
      "infinity",
    );
    try {
      const inside = (...words: string[]): string =>
        docker("exec", "--env=DEBIAN_FRONTEND=noninteractive", container, ...words);
      const install = ["apt-get", "install", "--yes", "--no-install-recommends"];
      const names = packages.slice(0, this.#times);
      await this.#build(this.#with(...names));
      inside("apt-get", "update");
      inside(...install, "--download-only", ...names);
      const ours: number[] = [];
      const reference: number[] = [];
      for (const name of names) {
        ours.push(await this.#build(this.#with(name)));
        reference.push(await secondsOf(() => inside(...install, name)));
      }
      return {
        what: "image, one package added",
        ours,
        against: "apt-get install in a container",
        reference,
        target: 1.5,
        unit: "s",
      };
    } finally {
      docker("rm", "--force", container);
    }
  }

  /** Compared with the base and the same packages only, without apt's lists, archives and logs. */
  size(): Row {
    const listed = (reference: string): string[] =>
      docker("run", "--rm", "--network=none", "--entrypoint=dpkg-query", reference, "--show")
        .split("\n")
        .map((line) => line.split("\t")[0] ?? "");
    const inBase = new Set(listed(this.#base));
    const added = listed(this.#reference).filter((name) => !inBase.has(name));
    const container = docker(
      "create",
      "--network=host",
      "--env=DEBIAN_FRONTEND=noninteractive",
      this.#base,
      "sh",
      "-c",
      'apt-get update && apt-get install --yes --no-install-recommends "$@" && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*',
      "sh",
      ...added,
    );
    try {
      execFileSync("docker", ["start", "--attach", container], { stdio: ["ignore", "ignore", "pipe"] });
      const plain = docker("commit", container);
      const reference = bytesOf(plain) / 1e6;
      docker("image", "rm", plain);
      return {
        what: "image's size",
        ours: [bytesOf(this.#reference) / 1e6],
        against: "base and the same packages",
        reference: [reference],
        target: 1.01,
        unit: "MB",
      };
    } finally {
      docker("rm", container);
    }
  }

  get #reference(): string {
    return String(this.#image.inputs.name);
  }

  get #base(): string {
    return (this.#image.inputs.build as { buildArgs: { BASE: string } }).buildArgs.BASE;
  }

  #with(...names: readonly string[]): StateResource {
    const build = this.#image.inputs.build as { buildArgs: Record<string, string> };
    // An alternative that is never used, since the Docker Engine may still have the layer of an earlier benchmark.
    const entries = names.map((name) => `${name}|none-${randomUUID().slice(0, 8)}`);
    const buildArgs = { ...build.buildArgs, LAST_PACKAGES: entries.join(" ") };
    const inputs = {
      ...this.#image.inputs,
      name: `${this.#clone.name}:with-a-package`,
      build: { ...build, buildArgs },
    };
    return { ...this.#image, inputs };
  }

  /** Seconds that the provider takes. Starts a new one each time, since it exits after some minutes without a Pulumi engine. */
  async #build(image: StateResource): Promise<number> {
    const provider = await DockerProvider.start(this.#clone.directory);
    try {
      return await secondsOf(() => provider.create(image));
    } finally {
      provider.stop();
    }
  }

  /** Seconds that `docker build` takes for the same image. */
  #dockerBuild(image: StateResource): Promise<number> {
    return secondsOf(() => dockerBuild(this.#client, this.#clone.directory, image, this.#tag));
  }

  /** @param work returns the seconds that it took */
  async #each(work: () => Promise<number>, prepare: () => void = () => {}): Promise<number[]> {
    await work(); // leaves one-time work out of the measurement
    const values: number[] = [];
    for (let time = 0; time < this.#times; time++) {
      prepare();
      values.push(await work());
    }
    return values;
  }
}

const bytesOf = (reference: string): number => Number(docker("image", "inspect", "--format", "{{.Size}}", reference));
