import { type CheckResult, error, passed } from "../model/check-result.ts";
import { isRemapped, isRootless } from "../model/engine-traits.ts";
import type { Machine } from "../model/machine.ts";
import { inspect } from "../observe/docker.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";
import type { JoinedContainer } from "../observe/observation.ts";

type Settings = Pick<Machine, "network" | "ssh">;

/** Checks a network that is not the box's own. */
export async function checkNetwork(
  machine: Settings,
  engine: Pick<EngineInfo, "SecurityOptions">,
  joined: JoinedContainer | undefined,
): Promise<CheckResult[]> {
  const { kind, name = "" } = machine.network;
  switch (kind) {
    case "own":
      return [];
    case "host":
      return evaluateHostNetwork(engine);
    case "existing":
      return evaluateExisting(name, (await inspect("network", [name])).length > 0);
    case "container":
      return evaluateJoined(machine, joined);
  }
}

export function evaluateHostNetwork(engine: Pick<EngineInfo, "SecurityOptions">): CheckResult[] {
  const reason = isRootless(engine)
    ? "a rootless Docker Engine has a network of its own"
    : isRemapped(engine)
      ? "a Docker Engine with userns-remap cannot share it: the box would not start"
      : undefined;
  if (reason === undefined) return passed("network", "the host's");
  const needed = "a Docker Engine that runs as root without userns-remap";
  return error("benchbox:network", `host, but ${reason}`, needed, "remove network: host from Pulumi.<stack>.yaml");
}

const evaluateExisting = (name: string, isThere: boolean): CheckResult[] =>
  isThere
    ? passed(`network ${name}`, "on the Docker Engine")
    : error(
        `network ${name}`,
        "the Docker Engine has no such network",
        "an existing network, since the stack did not create it",
        `docker network create ${name}; or remove existing from benchbox:network in Pulumi.<stack>.yaml`,
      );

/** The other container publishes the box's SSH port, since the box has no ports of its own in its network. */
export function evaluateJoined(
  { network: { name = "" }, ssh }: Settings,
  joined: JoinedContainer | undefined,
): CheckResult[] {
  const subject = `container ${name}`;
  const publish = `-p ${ssh.bind}:${ssh.port}:22`;
  if (joined === undefined) {
    const fix = `start it with ${publish}; or correct benchbox:network.container in Pulumi.<stack>.yaml`;
    return error(subject, "the Docker Engine has no such container", "the container whose network the box uses", fix);
  }
  if (!joined.State.Running)
    return error(subject, "is not running", "a running container, whose network the box uses", `docker start ${name}`);
  const published = joined.NetworkSettings.Ports?.["22/tcp"] ?? [];
  if (published.some(({ HostIp, HostPort }) => HostIp === ssh.bind && HostPort === String(ssh.port)))
    return passed(subject, `publishes port 22 on ${ssh.bind}:${ssh.port}`);
  const found = published.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`).join(", ");
  return error(
    subject,
    found === "" ? "does not publish port 22" : `publishes port 22 on ${found}`,
    `port 22, the box's SSH server, on ${ssh.bind}:${ssh.port} (benchbox:ssh)`,
    `create it with ${publish}; or set ssh.bind and ssh.port to where it publishes the port`,
  );
}
