#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { UserError } from "../model/user-error.ts";
import { docker, inspect, listByDocker } from "../observe/docker.ts";
import { runCommand } from "../process/run-command.ts";
import { askProgram } from "../process/run-program.ts";
import { changeByDocker } from "./change-by-docker.ts";

// box-network.ts make NAME TRIGGER|remove NAME

interface BoxContainer {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/**
 * Creates the box's network if it does not exist, and connects the box's container to it if the container is on another network or on none.
 *
 * @param trigger stored in a label for the next preview; see `networkTrigger`
 */
export async function makeNetwork(name: string, trigger: string): Promise<void> {
  const [isThere, isDetached] = await Promise.all([exists(name), isDetachedFrom(name)]);
  if (!isThere) await create(name, trigger);
  if (!isDetached) return;
  await changeByDocker(["network", "connect", name, name]);
  console.error(`benchbox: reconnected the container ${name} to its network`);
}

async function create(name: string, trigger: string): Promise<void> {
  const labels = ["--label", `benchbox.box=${name}`, "--label", `benchbox.network.trigger=${trigger}`];
  const mtu = await uplinkMtu();
  // The Docker Engine's default is 1500. If the uplink has less, for example through a VPN, large transfers stall.
  const options = mtu !== undefined && mtu < 1500 ? ["--opt", `com.docker.network.driver.mtu=${mtu}`] : [];
  const { ok, stderr, startError } = await docker(["network", "create", ...labels, ...options, name], { seconds: 0 });
  if (ok) return;
  // The messages of Docker 20.10 to 26, and of newer versions.
  const hasNoRange = /non-overlapping IPv4 address pool|address pools have been fully subnetted/.test(stderr);
  if (!hasNoRange) throw new UserError(`creating the network ${name} failed: ${stderr || startError}`);
  throw new UserError(
    `creating the network ${name} failed: the Docker Engine has no address range left\n` +
      "  Fix: remove networks that no container uses: docker network prune; or choose a range, for example: docker network create " +
      `--label benchbox.box=${name} --subnet ${await freeSubnet()} ${name}; then run this again`,
  );
}

/** MTU of this host's uplink to the Internet; undefined without an uplink, or if the Docker Engine is on another host. */
async function uplinkMtu(): Promise<number | undefined> {
  if (!(process.env.DOCKER_HOST || "unix://").startsWith("unix://")) return undefined;
  // Asks the kernel for the route, including a VPN's rules; sends nothing.
  const { stdout } = await askProgram("ip", ["-4", "route", "get", "1.1.1.1"]);
  const device = / dev (\S+)/.exec(stdout)?.[1];
  return device === undefined ? undefined : Number(readFileSync(`/sys/class/net/${device}/mtu`, "utf8"));
}

/** An address range that no network of the Docker Engine and no route of this host uses. */
async function freeSubnet(): Promise<string> {
  const [networks, routes] = await Promise.all([
    listByDocker(["network", "ls", "--quiet"]).then((ids) => inspect<object>("network", ids)),
    askProgram("ip", ["-4", "route"]),
  ]);
  const used = JSON.stringify(networks) + routes.stdout;
  const number = Array.from({ length: 256 }, (_, index) => index).find((index) => !used.includes(`10.213.${index}.`));
  return `10.213.${number ?? 0}.0/24`;
}

const exists = async (name: string): Promise<boolean> =>
  (await listByDocker(["network", "ls", "--quiet", "--filter", `name=^${name}$`])).length > 0;

/** Whether the box has a container that is not on its network. */
async function isDetachedFrom(name: string): Promise<boolean> {
  const [container] = await inspect<BoxContainer>("container", [name]);
  return container !== undefined && !(name in container.NetworkSettings.Networks);
}

if (import.meta.main) {
  runCommand(async () => {
    const [command, name = "", trigger = ""] = process.argv.slice(2);
    if (command !== "remove") await makeNetwork(name, trigger);
    else if (await exists(name)) await changeByDocker(["network", "rm", name]);
    return 0;
  });
}
