import { join } from "node:path";
import { withoutSocks } from "./child-environment.ts";
import type { Context } from "./context.ts";
import type { Step } from "./progress.ts";
import { ask, runLong, whichProgram } from "./run.ts";
import { Problem } from "./setup-error.ts";

/** Debian's and Ubuntu's packages: all that the parts want, in one transaction. */
export class Apt {
  readonly #context: Context;
  readonly #wanted = new Set<string>();
  #installed: Promise<readonly string[]> | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Notes packages for the transaction; those that the distribution does not have are left out of it. */
  want(...packages: readonly string[]): void {
    for (const name of packages) this.#wanted.add(name);
  }

  /** Installs what was noted, once; says how with the other ways where it cannot. */
  install(step: Step, otherwise: string): Promise<readonly string[]> {
    this.#installed ??= this.#install(step, otherwise);
    return this.#installed;
  }

  async #install(step: Step, otherwise: string): Promise<readonly string[]> {
    const wanted = [...this.#wanted];
    if (!whichProgram("apt-get")) {
      throw new Problem(`Looked for apt-get: this machine is neither Debian nor Ubuntu. ${otherwise}`);
    }
    const root = await asRoot();
    if (!root) {
      throw new Problem(
        `Installing packages needs root, and sudo asks for a password here. Run: sudo apt-get update && sudo apt-get install -y ${wanted.join(" ")}`,
      );
    }
    step.doing(`installing ${wanted.join(", ")} with apt-get`);
    if ((await ask("dpkg", ["--audit"], { seconds: 60 })).stdout.trim()) {
      await this.#run(
        root,
        ["dpkg", "--configure", "-a"],
        "dpkg was interrupted once, and `dpkg --configure -a` does not mend it",
      );
    }
    // Old lists name files that are gone; lists that cannot be renewed may do.
    await this.#run(root, ["apt-get", ...waiting, "update"], "apt-get update failed").catch(() => {});
    const known = await knownPackages(wanted);
    if (known.length === 0) {
      throw new Problem(`apt-get knows none of these packages: ${wanted.join(", ")}. ${otherwise}`);
    }
    const install = ["apt-get", ...waiting, "install", "-y", "--no-install-recommends", ...known];
    await this.#run(root, install, `apt-get could not install ${known.join(", ")}`);
    return known;
  }

  async #run(root: readonly string[], command: readonly string[], failure: string): Promise<void> {
    const asked = ["DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1", "LC_ALL=C.UTF-8"];
    const [program, ...args] = [...root, "env", ...asked, ...command];
    await runLong(program as string, args, {
      failure,
      usesSudo: true,
      environment: await withoutSocks(),
      log: join(this.#context.cache, "log", `${command[0]}${command.includes("update") ? "-update" : ""}.log`),
      childRecord: join(this.#context.cache, "child"),
    });
  }
}

const waiting = ["-o", "DPkg::Lock::Timeout=300"];

async function knownPackages(names: readonly string[]): Promise<string[]> {
  return packagesWithCandidate((await ask("apt-cache", ["policy", ...names], { environment: english() })).stdout);
}

/** The packages of an `apt-cache policy` output that can be installed. */
export function packagesWithCandidate(policy: string): string[] {
  return [...policy.matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (.+)$/gm)].flatMap(([, name, candidate]) =>
    name && candidate !== "(none)" ? [name] : [],
  );
}

function english(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C.UTF-8", LANGUAGE: "en" };
}

/** What runs a command as root without asking; nothing when there is no such way. */
async function asRoot(): Promise<readonly string[] | undefined> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell fills it in
  const become = '. "$1" && become_root && echo "${as_root[*]}"';
  const { code, stdout } = await ask("bash", ["-c", become, "-", join(import.meta.dirname, "../bash/sudo.sh")]);
  return code === 0 ? stdout.split(/\s+/).filter(Boolean) : undefined;
}
