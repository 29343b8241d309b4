import { join } from "node:path";
import { isPodman, podmanFix, podmanFound, whyNotPodman } from "../../model/podman.ts";
import { isAtLeast } from "../../model/version.ts";
import { askProgram, type ProgramResult } from "../../process/run-program.ts";
import type { Apt } from "../apt.ts";
import type { Context } from "../context.ts";
import type { Part } from "../part.ts";
import { runLong, whichProgram } from "../run.ts";
import { SetupError } from "../setup-error.ts";

/** The first version with BuildKit, which the Docker provider builds with. */
const minimum = "18.09";

/** The Docker Engine: set-up uses the running one, starts an installed one, or installs and starts one. */
export function enginePart(context: Context, apt: Apt): Part {
  const local = isLocal(process.env.DOCKER_HOST);
  return {
    name: "Docker Engine",
    wanted: `>= ${minimum}`,
    async inspect() {
      if (!whichProgram("docker")) {
        apt.want("docker.io", "docker-cli");
        return { isPresent: false, found: "no docker program", plan: "set-up installs docker.io with apt-get" };
      }
      const output = await queryVersion();
      const version = versionIn(output);
      if (output.ok && version) {
        if (isPodman(output.stdout)) return { isPresent: false, found: `Podman ${version}`, plan: podmanFix };
        if (!isAtLeast(version, minimum))
          return { isPresent: false, found: version, plan: `Docker Engine >= ${minimum} is required` };
        return { isPresent: true, found: version, where: local ? "this host" : "DOCKER_HOST" };
      }
      if (isDenied(output)) return { isPresent: false, found: "no permission", plan: `run ${deniedFix}` };
      if (!local)
        return { isPresent: false, found: "no answer", plan: "the Docker Engine at DOCKER_HOST does not answer" };
      if (!whichProgram("dockerd")) {
        apt.want("docker.io");
        return { isPresent: false, found: "not installed", plan: "set-up installs docker.io with apt-get" };
      }
      return { isPresent: false, found: "not running", plan: "set-up starts it" };
    },
    async install(step) {
      const output = await queryVersion();
      if (isDenied(output)) {
        throw new SetupError(`the Docker Engine is running, but you may not use its socket\n  Fix: ${deniedFix}`);
      }
      if (output.ok && isPodman(output.stdout)) {
        const found = podmanFound(versionIn(output), process.env.DOCKER_HOST);
        throw new SetupError(`${found}: ${whyNotPodman}\n  Fix: ${podmanFix}`);
      }
      if (output.ok) {
        throw new SetupError(
          `Docker Engine ${versionIn(output)} is too old: >= ${minimum} is required\n  Fix: update it, then run this command again`,
        );
      }
      if (!local) {
        throw new SetupError(
          "the Docker Engine at DOCKER_HOST does not answer; `docker version` prints details\n" +
            "  Fix: start it, or unset DOCKER_HOST to use this host's Docker Engine",
        );
      }
      const installed = !whichProgram("dockerd") || !whichProgram("docker");
      if (installed) {
        await apt.install(
          step,
          "install the Docker Engine (https://docs.docker.com/engine/install), then run this command again",
        );
      }
      step.doing("starting the Docker Engine");
      const log = join(context.cache, "log", "engine.log");
      await runLong(join(context.checkout, "src/toolchain/engine"), ["start"], {
        failure: "starting the Docker Engine failed",
        usesSudo: true,
        log,
        childRecord: join(context.cache, "child"),
      });
      if (isDenied(await queryVersion())) {
        throw new SetupError(`the Docker Engine was started, but you may not use its socket\n  Fix: ${deniedFix}`);
      }
      return installed ? "installed with apt-get and started" : "started";
    },
  };
}

function queryVersion(): Promise<ProgramResult> {
  return askProgram("docker", [
    "version",
    "--format",
    "{{.Server.Version}} {{range .Server.Components}}{{.Name}},{{end}}",
  ]);
}

const versionIn = ({ stdout }: ProgramResult): string => stdout.trim().split(" ")[0] ?? "";

/** Whether DOCKER_HOST is unset, or the socket of this host's Docker service. */
export function isLocal(dockerHost: string | undefined): boolean {
  return !dockerHost || /^unix:\/\/(\/var)?\/run\/docker\.sock$/.test(dockerHost);
}

function isDenied({ stderr }: ProgramResult): boolean {
  return /permission denied/i.test(stderr);
}

const deniedFix =
  'sudo usermod -aG docker "$USER", then log in again (or run `newgrp docker`) and run this command again';
