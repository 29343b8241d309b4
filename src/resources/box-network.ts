#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { UserError } from "../model/user-error.ts";
import { docker, listByDocker } from "../observe/docker.ts";
import { inspect } from "../observe/images.ts";
import { runCommand } from "../process/run-command.ts";
import { askProgram } from "../process/run-program.ts";
import { changeByDocker } from "./change-by-docker.ts";

// box-network.ts make NAME TRIGGER|repair NAME|remove NAME

interface BoxContainer {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/**
 * Creates the box's network where it does not exist, and connects the box's container to it where that is not connected.
 *
 * @param trigger kept as a label for the next preview; see `networkTrigger`
 */
export async function makeNetwork(name: string, trigger: string): Promise<void> {
  const [isThere, isDetached] = await Promise.all([exists(name), isDetachedFrom(name)]);
  if (!isThere) await create(name, trigger);
  if (isDetached) await connect(name);
}

/** Connects an existing container to its network again: the Docker provider would replace a container without a network. */
export async function repairNetwork(name: string): Promise<void> {
  if (!(await isDetachedFrom(name))) return;
  if (!(await exists(name))) await create(name, "made");
  await connect(name);
}

/** Removes the box's network where it exists. */
export async function removeNetwork(name: string): Promise<void> {
  if (await exists(name)) await changeByDocker(["network", "rm", name]);
}

async function create(name: string, trigger: string): Promise<void> {
  const labels = ["--label", `benchbox.box=${name}`, "--label", `benchbox.network.trigger=${trigger}`];
  const mtu = await uplinkMtu();
  // The Docker Engine's default is 1500: where the uplink has less, as through a VPN, large transfers stall.
  const options = mtu !== undefined && mtu < 1500 ? ["--opt", `com.docker.network.driver.mtu=${mtu}`] : [];
  const { ok, stderr, startError } = await docker(["network", "create", ...labels, ...options, name], { seconds: 0 });
  if (ok) return;
  // Docker 20.10 to 26, and newer.
  const hasNoRange = /non-overlapping IPv4 address pool|address pools have been fully subnetted/.test(stderr);
  if (!hasNoRange) throw new UserError(`network ${name} was not created: ${stderr || startError}`);
  throw new UserError(
    `network ${name} was not created: the Docker Engine has no address range left\n` +
      "  Fix: remove networks that no container uses: docker network prune; or choose a range, for example: docker network create " +
      `--label benchbox.box=${name} --subnet ${await freeSubnet()} ${name}; then run this again`,
  );
}

/** The MTU of the device that leads from this host to the Internet; undefined without one, or where the Docker Engine is on another host. */
async function uplinkMtu(): Promise<number | undefined> {
  if (!(process.env.DOCKER_HOST || "unix://").startsWith("unix://")) return undefined;
  // Asks the kernel for the route, with a VPN's rules, and sends nothing.
  const { stdout } = await askProgram("ip", ["-4", "route", "get", "1.1.1.1"]);
  const device = / dev (\S+)/.exec(stdout)?.[1];
  return device === undefined ? undefined : Number(readFileSync(`/sys/class/net/${device}/mtu`, "utf8"));
}

/** A range that no network of the Docker Engine and no route of this host has. */
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

/** Whether the box has a container, on another network or on none. */
async function isDetachedFrom(name: string): Promise<boolean> {
  const [container] = await inspect<BoxContainer>("container", [name]);
  return container !== undefined && !(name in container.NetworkSettings.Networks);
}

async function connect(name: string): Promise<void> {
  await changeByDocker(["network", "connect", name, name]);
  console.error(`benchbox: connected the container ${name} to its network again`);
}

if (import.meta.main) {
  runCommand(async () => {
    const [command, name = "", trigger = ""] = process.argv.slice(2);
    if (command === "remove") await removeNetwork(name);
    else if (command === "repair") await repairNetwork(name);
    else await makeNetwork(name, trigger);
    return 0;
  });
}
