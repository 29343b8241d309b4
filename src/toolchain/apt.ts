import { join } from "node:path";
import { askProgram } from "../process/run-program.ts";
import { environmentWithoutSocks } from "./child-environment.ts";
import type { Context } from "./context.ts";
import type { Step } from "./progress.ts";
import { runLong, whichProgram } from "./run.ts";
import { SetupError } from "./setup-error.ts";

/** Installs the Debian or Ubuntu packages of all parts in one transaction. */
export class Apt {
  readonly #context: Context;
  readonly #wanted = new Set<string>();
  #installed: Promise<readonly string[]> | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Adds packages to the transaction. Packages that the distribution does not have are skipped. */
  want(...packages: readonly string[]): void {
    for (const name of packages) this.#wanted.add(name);
  }

  /**
   * Installs the packages. Further calls return the result of the first one.
   *
   * @param fix how to install the part without apt-get
   */
  install(step: Step, fix: string): Promise<readonly string[]> {
    this.#installed ??= this.#install(step, fix);
    return this.#installed;
  }

  async #install(step: Step, fix: string): Promise<readonly string[]> {
    const wanted = [...this.#wanted];
    if (!whichProgram("apt-get")) {
      throw new SetupError(`no apt-get on PATH: this host runs neither Debian nor Ubuntu\n  Fix: ${fix}`);
    }
    const root = await rootPrefix();
    if (!root) {
      throw new SetupError(
        "installing packages needs root, but sudo asks for a password\n" +
          `  Fix: sudo apt-get update && sudo apt-get install -y ${wanted.join(" ")}`,
      );
    }
    step.doing(`installing ${wanted.join(", ")} with apt-get`);
    if ((await askProgram("dpkg", ["--audit"], { seconds: 60 })).stdout.trim()) {
      await this.#run(
        root,
        ["dpkg", "--configure", "-a"],
        "dpkg was interrupted earlier, and `dpkg --configure -a` failed",
      );
    }
    // Old lists may name files that no longer exist. If they cannot be updated, they may still be good enough.
    await this.#run(root, ["apt-get", ...waiting, "update"], "apt-get update failed").catch(() => {});
    const known = await findPackages(wanted);
    if (known.length === 0) {
      throw new SetupError(`apt-get finds none of these packages: ${wanted.join(", ")}\n  Fix: ${fix}`);
    }
    const install = ["apt-get", ...waiting, "install", "-y", "--no-install-recommends", ...known];
    await this.#run(root, install, `apt-get install ${known.join(" ")} failed`);
    return known;
  }

  async #run(root: readonly string[], command: readonly string[], failure: string): Promise<void> {
    const variables = ["DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1", "LC_ALL=C.UTF-8"];
    const [program, ...args] = [...root, "env", ...variables, ...command];
    await runLong(program as string, args, {
      failure,
      usesSudo: true,
      environment: await environmentWithoutSocks(),
      log: join(this.#context.cache, "log", `${command[0]}${command.includes("update") ? "-update" : ""}.log`),
      childRecord: join(this.#context.cache, "child"),
    });
  }
}

const waiting = ["-o", "DPkg::Lock::Timeout=300"];

async function findPackages(names: readonly string[]): Promise<string[]> {
  return packagesWithCandidate(
    (await askProgram("apt-cache", ["policy", ...names], { env: englishEnvironment() })).stdout,
  );
}

/** The packages in the output of `apt-cache policy` that can be installed. */
export function packagesWithCandidate(policy: string): string[] {
  return [...policy.matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (.+)$/gm)].flatMap(([, name, candidate]) =>
    name && candidate !== "(none)" ? [name] : [],
  );
}

function englishEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C.UTF-8", LANGUAGE: "en" };
}

/** The words to put before a command to run it as root; undefined if that needs a password. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: bash expands it
  const become = '. "$1" && become_root && echo "${as_root[*]}"';
  const { ok, stdout } = await askProgram("bash", ["-c", become, "-", join(import.meta.dirname, "../bash/sudo.sh")]);
  return ok ? stdout.split(/\s+/).filter(Boolean) : undefined;
}
