import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";

const project = join(import.meta.dirname, "../..");

/** The result of a process: its exit code, and stdout and stderr together. */
export interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly seconds: number;
}

/**
 * A checkout with the real set-up and fakes of what it calls: small programs named go, docker, ssh and others, and folders of `plugins/`
 * that "build" a shell script. Its path contains a space, and that of its cache also a quote.
 */
export class FakeCheckout {
  readonly root: string;
  readonly checkout: string;
  readonly cache: string;
  readonly bin: string;
  /** A file with one line per started build: its name and pid. */
  readonly builds: string;

  constructor(test: TestContext) {
    this.root = mkdtempSync(join(tmpdir(), "benchbox-host-"));
    test.after(() => rmSync(this.root, { recursive: true, force: true }));
    this.checkout = join(this.root, "a clone");
    this.cache = join(this.root, "a user's cache");
    this.bin = join(this.root, "bin");
    this.builds = join(this.root, "builds");
    mkdirSync(this.bin);
    for (const part of ["src", "image/build"])
      cpSync(join(project, part), join(this.checkout, part), { recursive: true });
    cpSync(join(project, ".npmrc"), join(this.checkout, ".npmrc"));
    this.#lockPackages();
    this.#addPrograms();
    for (const [name, program] of Object.entries(programs)) this.addPlugin(name, program);
  }

  /** Adds or changes a folder of `plugins/`. Its build takes BENCHBOX_TEST_SECONDS, or a minute if BENCHBOX_TEST_SLOW names it. */
  addPlugin(name: string, program: string, content = "one"): void {
    const folder = join(this.checkout, "plugins", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "content"), content);
    writeProgram(
      join(folder, "build"),
      `
        echo "${name} $$" >>"$BENCHBOX_TEST_BUILDS"
        echo "half" >"$1/${program}"
        echo "the proxy is \${HTTPS_PROXY:-none}"
        if [[ \${BENCHBOX_TEST_SLOW:-} == ${name} ]]; then sleep 60 >/dev/null 2>&1; fi
        sleep "\${BENCHBOX_TEST_SECONDS:-0}"
        cp --remove-destination "$BENCHBOX_TEST_PROGRAMS/${program}" "$1/${program}"`,
    );
  }

  /** Adds or replaces a fake program. */
  addProgram(name: string, text: string): void {
    writeProgram(join(this.bin, name), text);
  }

  /** The names of the builds that have started. */
  get built(): string[] {
    if (!existsSync(this.builds)) return [];
    const lines = readFileSync(this.builds, "utf8").trim().split("\n");
    return lines.map((line) => line.split(" ")[0] as string);
  }

  /** The file that set-up writes. */
  get result(): string {
    return join(this.checkout, ".state", "toolchain.sh");
  }

  environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      PATH: [this.bin, "/usr/bin", "/bin"].join(delimiter),
      HOME: process.env.HOME ?? "/",
      BENCHBOX_CACHE: this.cache,
      BENCHBOX_OFFICIAL: "never",
      BENCHBOX_TEST_BUILDS: this.builds,
      BENCHBOX_TEST_PROGRAMS: join(this.root, "programs"),
      ...more,
    };
  }

  start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
    return this.startAs([join(this.checkout, "src/toolchain/setup"), ...args], environment);
  }

  startAs([program, ...args]: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
    return spawn(program as string, args, {
      cwd: this.root,
      env: this.environment(environment),
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  setup(args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return ended(this.start(args, environment));
  }

  // No package is locked and none is installed, so npm has nothing to do.
  #lockPackages(): void {
    const packages = { "": { name: "fake", version: "0.0.0", type: "module" } };
    const lock = JSON.stringify({ name: "fake", version: "0.0.0", lockfileVersion: 3, packages });
    writeFileSync(join(this.checkout, "package.json"), JSON.stringify(packages[""]));
    writeFileSync(join(this.checkout, "package-lock.json"), lock);
    mkdirSync(join(this.checkout, "node_modules"));
    symlinkSync(join(project, "node_modules/undici"), join(this.checkout, "node_modules/undici"));
    writeFileSync(join(this.checkout, "node_modules/.package-lock.json"), '{"packages":{}}');
  }

  #addPrograms(): void {
    const npm = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "npm"));
    this.addProgram("node", `exec "${process.execPath}" "$@"`);
    this.addProgram("npm", `exec "${npm.find(existsSync)}" "$@"`);
    this.addProgram("go", 'echo "go version go1.26.6 linux/amd64"');
    this.addProgram("docker", 'echo "28.0.0"');
    for (const name of ["ssh", "ssh-keygen", "debootstrap"]) this.addProgram(name, "exit 0");
    mkdirSync(join(this.root, "programs"));
    for (const program of Object.values(programs)) {
      writeProgram(join(this.root, "programs", program), program === "pulumi" ? pulumi : "exit 0");
    }
  }
}

const programs = {
  cli: "pulumi",
  "language-nodejs": "pulumi-language-nodejs",
  docker: "pulumi-resource-docker",
  command: "pulumi-resource-command",
};

/** A fake of the Pulumi CLI, which prints its version and "installs" providers where the real one does. */
export const pulumi = `
  case "$1" in
    version) echo v3.276.0 ;;
    plugin)
      folder=$PULUMI_HOME/plugins/resource-$4-v$5
      mkdir -p "$folder"
      printf '#!/bin/sh\\n' >"$folder/pulumi-resource-$4"
      chmod +x "$folder/pulumi-resource-$4"
      ;;
  esac`;

export function writeProgram(file: string, text: string): void {
  writeFileSync(file, `#!/usr/bin/env bash\nset -eu\n${text}\n`);
  chmodSync(file, 0o755);
}

/** Waits for a process to exit and collects its output. */
export function ended(child: ChildProcess): Promise<Ran> {
  const started = performance.now();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, seconds: (performance.now() - started) / 1000 }));
  });
}

/** Polls until a condition is true. @param what the condition, for the error after the time limit */
export async function until(what: string, isTrue: () => boolean, seconds = 20): Promise<void> {
  const limit = performance.now() + seconds * 1000;
  while (!isTrue()) {
    if (performance.now() > limit) throw new Error(`waiting until ${what} failed: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
