import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const project = join(import.meta.dirname, "../..");
const hostCertificates = "/usr/local/share/ca-certificates";

/** A container of a box's image with nothing in it but the project's scripts, as they are, at /scripts. */
export class FreshBox {
  readonly #id: string;

  constructor(image: string, network: "bridge" | "none" = "bridge") {
    const mounts = [`${join(project, "scripts")}:/scripts:ro`];
    if (existsSync(hostCertificates)) mounts.push(`${hostCertificates}:${hostCertificates}/host:ro`);
    const words = ["run", "--detach", "--init", `--network=${network}`, "--entrypoint=sleep"];
    this.#id = execFileSync(
      "docker",
      [...words, ...mounts.flatMap((mount) => ["--volume", mount]), image, "infinity"],
      {
        encoding: "utf8",
      },
    ).trim();
    this.run("root", "update-ca-certificates");
  }

  /** Runs a shell command as a user; never throws. */
  run(user: string, command: string, environment: Record<string, string> = {}): { code: number; output: string } {
    const set = Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const words = ["exec", "--user", user, ...set, this.#id, "bash", "-c", `export HOME=~; exec 2>&1; ${command}`];
    const { status, stdout } = spawnSync("docker", words, { encoding: "utf8" });
    return { code: status ?? -1, output: stdout };
  }

  remove(): void {
    execFileSync("docker", ["rm", "--force", this.#id], { stdio: "ignore" });
  }
}
