import { join } from "node:path";
import { isPodman, podmanFix, podmanFound, whyNotPodman } from "../../model/podman.ts";
import { isAtLeast } from "../../model/version.ts";
import type { Apt } from "../apt.ts";
import type { Context } from "../context.ts";
import type { Part } from "../part.ts";
import { type Answer, ask, runLong, whichProgram } from "../run.ts";
import { Problem } from "../setup-error.ts";

/** Builds with BuildKit, as the docker plugin makes them, need this. */
const minimum = "18.09";

/** The Docker Engine: running, else started, else installed and started. */
export function enginePart(context: Context, apt: Apt): Part {
  const local = isLocal(process.env.DOCKER_HOST);
  return {
    name: "Docker Engine",
    wanted: `>= ${minimum}`,
    async look() {
      if (!whichProgram("docker")) {
        apt.want("docker.io", "docker-cli");
        return { there: false, found: "no docker program", plan: "apt-get would install docker.io" };
      }
      const answer = await askEngine();
      const version = versionIn(answer);
      if (answer.code === 0 && version) {
        if (isPodman(answer.stdout)) return { there: false, found: `Podman ${version}`, plan: podmanFix };
        if (!isAtLeast(version, minimum))
          return { there: false, found: version, plan: `Docker >= ${minimum} is needed` };
        return { there: true, found: version, where: local ? "this machine" : "as DOCKER_HOST says" };
      }
      if (isDenied(answer)) return { there: false, found: "no permission", plan: deniedRemedy() };
      if (!local) return { there: false, found: "no answer", plan: "DOCKER_HOST names an engine that does not answer" };
      if (!whichProgram("dockerd")) {
        apt.want("docker.io");
        return { there: false, found: "not installed", plan: "apt-get would install docker.io" };
      }
      return { there: false, found: "not running", plan: "it would be started" };
    },
    async get(step) {
      const answer = await askEngine();
      if (isDenied(answer))
        throw new Problem(`The Docker Engine runs, and its socket is closed to you. ${deniedRemedy()}`);
      if (answer.code === 0 && isPodman(answer.stdout)) {
        const found = podmanFound(versionIn(answer), process.env.DOCKER_HOST);
        throw new Problem(`${found}: ${whyNotPodman}. Fix: ${podmanFix}.`);
      }
      if (answer.code === 0) {
        throw new Problem(
          `The Docker Engine is ${versionIn(answer)}. Needed: >= ${minimum}. Update it and run this again.`,
        );
      }
      if (!local) {
        throw new Problem(
          "DOCKER_HOST is set, and the engine that it names does not answer. Start that engine, or unset DOCKER_HOST to use this machine's. `docker version` says more.",
        );
      }
      const installed = !whichProgram("dockerd") || !whichProgram("docker");
      if (installed) {
        await apt.install(
          step,
          "Install the Docker Engine (https://docs.docker.com/engine/install) and run this again.",
        );
      }
      step.doing("starting it");
      const log = join(context.cache, "log", "engine.log");
      await runLong(join(context.checkout, "src/toolchain/engine"), ["start"], {
        failure: "The Docker Engine could not be started",
        usesSudo: true,
        log,
        childRecord: join(context.cache, "child"),
      });
      if (isDenied(await askEngine())) {
        throw new Problem(`The Docker Engine was started, and its socket is closed to you. ${deniedRemedy()}`);
      }
      return installed ? "installed by apt-get and started" : "started";
    },
  };
}

function askEngine(): Promise<Answer> {
  return ask("docker", ["version", "--format", "{{.Server.Version}} {{range .Server.Components}}{{.Name}},{{end}}"]);
}

const versionIn = ({ stdout }: Answer): string => stdout.trim().split(" ")[0] ?? "";

/** True when DOCKER_HOST names the engine that this machine's service would be. */
export function isLocal(dockerHost: string | undefined): boolean {
  return !dockerHost || /^unix:\/\/(\/var)?\/run\/docker\.sock$/.test(dockerHost);
}

function isDenied({ stderr }: Answer): boolean {
  return /permission denied/i.test(stderr);
}

function deniedRemedy(): string {
  return 'Run: sudo usermod -aG docker "$USER", log out and in again (or `newgrp docker`), then run this again.';
}
