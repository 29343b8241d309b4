#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { missingNetwork, networkOptionsLabel, type OnNetworks } from "../model/container-mark.ts";
import { optionsHash } from "../model/network.ts";
import { UserError } from "../model/user-error.ts";
import { docker, inspect, listByDocker } from "../observe/docker.ts";
import { runCommand } from "../process/run-command.ts";
import { askProgram } from "../process/run-program.ts";
import { changeByDocker } from "./change-by-docker.ts";

// box-network.ts make NAME TRIGGER [OPTION…]|remove NAME. The options are those of `docker network create`.

/**
 * Creates the box's network if it does not exist or has other options, and connects the box's container to it if the container is on no
 * network.
 *
 * @param trigger stored in a label for the next preview; see `networkTrigger`
 */
export async function makeNetwork(name: string, trigger: string, options: readonly string[]): Promise<void> {
  const found = await networkOf(name);
  if (found !== undefined && (found.Labels?.[networkOptionsLabel] ?? "") !== optionsHash(options))
    await dissolve(name, found);
  if ((await networkOf(name)) === undefined) await create(name, trigger, options);
  if ((await missingFor(name)) === name) await connect(name, name);
}

/** Reconnects an existing container to its network: the Docker provider would replace a container without a network. */
export async function repairNetwork(name: string): Promise<void> {
  const network = await missingFor(name);
  if (network === undefined) return;
  if (network === name && (await networkOf(name)) === undefined) await create(name, "made", []);
  await connect(name, network);
}

interface Network {
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Containers?: Readonly<Record<string, { readonly Name: string }>> | null;
}

const networkOf = async (name: string): Promise<Network | undefined> => (await inspect<Network>("network", [name]))[0];

/** Removes a network that the box is connected to: the Docker Engine cannot change one. */
async function dissolve(name: string, { Containers }: Network): Promise<void> {
  const others = Object.values(Containers ?? {}).flatMap(({ Name }) => (Name === name ? [] : [Name]));
  if (others.length > 0) {
    throw new UserError(
      `changing the network ${name} failed: other containers use it: ${others.join(", ")}\n` +
        `  Fix: disconnect them, for example: docker network disconnect ${name} ${others[0]}; then run this again`,
    );
  }
  const [box] = await inspect<OnNetworks>("container", [name]);
  if (box !== undefined && name in box.NetworkSettings.Networks)
    await changeByDocker(["network", "disconnect", "--force", name, name]);
  await changeByDocker(["network", "rm", name]);
}

/** Removes the box's network if it exists. */
export async function removeNetwork(name: string): Promise<void> {
  if ((await networkOf(name)) !== undefined) await changeByDocker(["network", "rm", name]);
}

async function create(name: string, trigger: string, declared: readonly string[]): Promise<void> {
  const marks = [`benchbox.box=${name}`, `benchbox.network.trigger=${trigger}`];
  if (declared.length > 0) marks.push(`${networkOptionsLabel}=${optionsHash(declared)}`);
  const labels = marks.flatMap((mark) => ["--label", mark]);
  const mtu = declared.some((option) => option.includes("driver.mtu")) ? undefined : await uplinkMtu();
  // The Docker Engine's default is 1500. If the uplink has less, for example through a VPN, large transfers stall.
  const ofUplink = mtu !== undefined && mtu < 1500 ? ["--opt", `com.docker.network.driver.mtu=${mtu}`] : [];
  const options = [...declared, ...ofUplink];
  const { ok, stderr, startError } = await docker(["network", "create", ...labels, ...options, name], { seconds: 0 });
  if (ok) return;
  if (/Pool overlaps|overlaps with/.test(stderr)) {
    throw new UserError(
      `creating the network ${name} failed: ${stderr}\n  Fix: choose another benchbox:network.subnet, for example ${await freeSubnet()}`,
    );
  }
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

/** The network that the box's container should be on and is not; undefined also without a container. */
async function missingFor(name: string): Promise<string | undefined> {
  const [container] = await inspect<OnNetworks>("container", [name]);
  return container && missingNetwork(name, container);
}

async function connect(name: string, network: string): Promise<void> {
  await changeByDocker(["network", "connect", network, name]);
  console.error(`benchbox: reconnected the container ${name} to its network`);
}

if (import.meta.main) {
  runCommand(async () => {
    const [command, name = "", trigger = "", ...options] = process.argv.slice(2);
    if (command === "remove") await removeNetwork(name);
    else await makeNetwork(name, trigger, options);
    return 0;
  });
}
