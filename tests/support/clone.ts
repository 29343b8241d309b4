import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { debootstrapTag } from "../../src/model/debootstrap-tag.ts";
import { testTools } from "./debian-tool.ts";
import { prepareBase, preparedMirror } from "./make-base.ts";

const project = join(import.meta.dirname, "../..");

/** The password of the tests' boxes, distinctive so that tests can search for it. */
export const password = `pass-${process.pid}-word`;

export interface Run {
  readonly code: number;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
}

/**
 * A clean clone of the working tree, in a folder with a space in its name, with its own HOME and a stack with a unique name and port. It
 * shares the caches of tools and packages and the node packages with the caller, so that nothing is built or downloaded again.
 */
export class Clone {
  readonly directory: string;
  readonly stack: string;
  readonly #scratch = mkdtempSync(join(tmpdir(), "benchbox e2e "));
  readonly #environment: NodeJS.ProcessEnv;

  /**
   * @param machine environment variables that simulate a different host
   * @param steps whether the box gets every tool of `user_config.yml`, or only uv, which takes a second
   * @param source the working tree, with its node packages
   */
  constructor(
    stack: string,
    port: number,
    machine: NodeJS.ProcessEnv = {},
    steps: "uv" | "all" = "uv",
    source: string = project,
  ) {
    this.stack = stack;
    this.directory = join(this.#scratch, "clone");
    const home = join(this.#scratch, "home");
    mkdirSync(join(home, ".ssh"), { recursive: true });
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(home, ".ssh/id_ed25519")]);
    const npmCache = execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8", cwd: tmpdir() }).trim();
    const caches = { npm_config_cache: npmCache, BENCHBOX_CACHE: dirname(testTools) };
    this.#environment = { ...process.env, ...machine, HOME: home, ...caches };
    for (const name of Object.keys(this.#environment)) {
      if (/^(PULUMI_|NODE_TEST_CONTEXT|SSH_AUTH_SOCK|DOCKER_HOST)/.test(name)) delete this.#environment[name];
    }
    const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: source,
    });
    for (const name of list.toString().split("\0").filter(Boolean)) {
      mkdirSync(dirname(join(this.directory, name)), { recursive: true });
      cpSync(join(source, name), join(this.directory, name));
    }
    this.write(`Pulumi.${stack}.yaml`, this.read("Pulumi.sandbox.yaml").replace(/port: \d+/, `port: ${port}`));
    this.write("user_config.yml", this.read("user_config.yml").replace('"123456"', JSON.stringify(password)));
    if (steps === "uv") this.#keepUvOnly();
    this.commit();
    sharePackages(join(source, "node_modules"), this.directory);
  }

  #keepUvOnly(): void {
    this.firstRun('- "stage-1/system/uv/install-uv.sh --user peid"');
    const file = `Pulumi.${this.stack}.yaml`;
    this.write(file, this.read(file).replace(/ {2}benchbox:tools:\n( {4}.*\n)*/, ""));
  }

  /** Replaces the entries of `custom.on_first_run`, the last list of the file. */
  firstRun(...entries: readonly string[]): void {
    const rest = this.read("user_config.yml").replace(/on_first_run:[\s\S]*/, "");
    const list = entries.map((entry) => `\n    ${entry.replaceAll("\n", "\n    ")}`).join("");
    this.write("user_config.yml", `${rest}on_first_run:${list || " []"}\n`);
  }

  /**
   * For tests in which the image does not matter: a base that already has the required packages, and only nano in addition.
   *
   * @param host DOCKER_HOST; undefined for the host's own Docker Engine
   */
  usePreparedBase(host?: string): void {
    prepareBase(host);
    const file = `Pulumi.${this.stack}.yaml`;
    this.write(file, this.read(file).replace(/^( +)suite: trixie\n/m, `$&$1mirror: ${preparedMirror}\n`));
    this.packages("nano");
  }
  /** Replaces the list `build.packages`. */
  packages(...names: readonly string[]): void {
    const text = this.read("user_config.yml");
    this.write(
      "user_config.yml",
      text.replace(/^( +)packages:( \[.*\]\n|\n( +[-#].*\n)+)/m, `$1packages: ${JSON.stringify(names)}\n`),
    );
  }

  get home(): string {
    return join(this.#scratch, "home");
  }
  get name(): string {
    return `benchbox-${this.stack}`;
  }
  /** The variables with which plain `pulumi` finds this clone's stacks. */
  backend(): NodeJS.ProcessEnv {
    const state = join(this.directory, ".state");
    return { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE_FILE: join(state, "passphrase") };
  }
  /** The name of its base image on the Docker Engine. */
  base(): string {
    const mirror = /^ +mirror: (\S+)$/m.exec(this.read(`Pulumi.${this.stack}.yaml`))?.[1];
    return debootstrapTag({ kind: "debootstrap", suite: "trixie", ...(mirror && { mirror }) });
  }
  read(file: string): string {
    return readFileSync(join(this.directory, file), "utf8");
  }
  write(file: string, text: string, mode?: number): void {
    mkdirSync(dirname(join(this.directory, file)), { recursive: true });
    writeFileSync(join(this.directory, file), text);
    if (mode !== undefined) chmodSync(join(this.directory, file), mode);
  }
  /** Replaces a text that a file must have. */
  replaceIn(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
    this.write(file, text.replace(from, to));
  }
  commit(): void {
    const git = (...words: string[]): Buffer =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...words], { cwd: this.directory });
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "as tested");
  }

  /** Starts a program in the clone, in a new process group. */
  start(words: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess & { finished: Promise<Run> } {
    const [program = "", ...rest] = words;
    const child = spawn(program, rest, {
      cwd: this.directory,
      env: { ...this.#environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const chunks: string[] = [];
    child.stdout?.on("data", (chunk) => chunks.push(String(chunk)));
    child.stderr?.on("data", (chunk) => chunks.push(String(chunk)));
    const finished = new Promise<Run>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? -1, output: chunks.join("") }));
    });
    return Object.assign(child, { finished });
  }

  /** Runs a program in the clone and waits for its end. */
  run(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Run> {
    return this.start(words, environment).finished;
  }

  /** Runs a program that must succeed. @returns its output */
  async ok(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<string> {
    const { code, output } = await this.run(words, environment);
    if (code !== 0) throw new Error(`${words.join(" ")} failed with exit code ${code}:\n${output}`);
    return output;
  }

  pulumi(...words: string[]): Promise<string> {
    return this.ok(["bin/pulumi", ...words, "--stack", this.stack]);
  }

  /**
   * Runs an `up` without the preview, which other tests cover. Commands are run without npm, whose scripts are aliases
   * (tests/host/benchbox.test.ts). @returns its output
   */
  up(...options: string[]): Promise<string> {
    return this.ok(this.#command("up", "--skip-preview", ...options));
  }
  down(...options: string[]): Promise<string> {
    return this.ok(this.#command("down", ...options));
  }
  /** Removes the box with its homes and images. May be called twice. */
  purge(): Promise<string> {
    return this.down(`--purge=${this.stack}`);
  }

  /** Runs a command in the box over SSH. */
  ssh(command: string): Promise<string> {
    return this.ok(this.#command("ssh", command));
  }

  /** A command for the clone's stack. Earlier revisions, which the benchmark compares, have only the npm scripts. */
  #command(name: string, ...words: readonly string[]): string[] {
    const isProgram = existsSync(join(this.directory, "bin/benchbox"));
    return [...(isProgram ? ["bin/benchbox", name] : ["npm", "run", "--silent", name, "--"]), this.stack, ...words];
  }

  /** Removes the folder. Purge the box first. */
  remove(): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Copies packages as hard links if possible: `npm ci` takes ten seconds, and a file that it removes or rewrites is no longer shared. */
export function sharePackages(from: string, to: string): void {
  try {
    execFileSync("cp", ["--archive", "--link", from, to], { stdio: "pipe" });
  } catch {
    execFileSync("cp", ["--archive", from, to]); // on another file system
  }
}

/**
 * A free port of 127.0.0.1, below the range that the kernel uses for outgoing connections (32768 and up), which could take a box's port
 * while the box is stopped.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** The output of a docker command that must succeed. */
export function docker(...words: string[]): string {
  return execFileSync("docker", words, { encoding: "utf8" }).trim();
}
