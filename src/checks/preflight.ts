import { networkInterfaces } from "node:os";
import { type CheckResult, error, isError, passed } from "../model/check-result.ts";
import type { GivenGpus } from "../model/gpu.ts";
import type { Machine } from "../model/machine.ts";
import { x11Bind } from "../model/x11.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";
import type { MachineObservation } from "../observe/observation.ts";
import type { Stray } from "../observe/stray.ts";
import { whyNoLoopback } from "../plan/build-network.ts";
import { planHardware } from "../plan/hardware-plan.ts";
import { evaluateDisks } from "./disk.ts";
import { evaluateTransport, evaluateWhichEngine } from "./engine-address.ts";
import { evaluateEngine, evaluateNoEngine } from "./engine-answers.ts";
import { evaluateCgroups } from "./gpu-cgroups.ts";
import { evaluateClocks } from "./gpu-clocks.ts";
import { evaluateDevices } from "./gpu-devices.ts";
import { cudaOf, evaluateDriver } from "./gpu-driver.ts";
import { cdiDevices, evaluateGpuOffer } from "./gpu-offer.ts";
import { evaluateToolkit } from "./gpu-toolkit.ts";
import { checkJump } from "./jump.ts";
import { checkPorts, evaluateAddresses, subjectOf, type WantedPort } from "./ports.ts";
import { evaluateProxies } from "./proxies.ts";
import { checkRegistries } from "./registries.ts";
import { checkStorage } from "./storage.ts";
import { evaluateX11 } from "./x11.ts";

/**
 * Checks whether the host can run the stack, most basic requirements first. Most checks evaluate what was already observed; a few make
 * further queries, and only when they matter. Changes nothing.
 *
 * @param isBuilt whether the Docker Engine has the stack's image, so that nothing needs to be pulled or built
 */
export async function preflight(
  machine: Machine,
  seen: Pick<MachineObservation, "host" | "box" | "base">,
  isBuilt: boolean,
): Promise<CheckResult[]> {
  const { host, box } = seen;
  const { engine, address, isRemote } = host;
  const wrongEngine = evaluateWhichEngine(machine, host);
  if (wrongEngine.length > 0) return wrongEngine;
  if ("problem" in engine) return evaluateNoEngine(engine, address, machine.dockerHost);
  if (box.stray !== undefined) return evaluateStray(machine.name, box.stray);

  const builds = box.state === "absent" && !isBuilt ? machine.base.kind : undefined;
  const hardware = planHardware(machine, seen);
  const results = await Promise.all([
    evaluateEngine(engine, machine.gpu.devices !== "none"),
    evaluateTransport(host),
    box.state === "absent" ? checkJump(machine) : [],
    hardware.gpus === undefined ? [] : evaluateGpus(machine, seen, engine, hardware.gpus),
    [...hardware.limits.findings],
    evaluateBase(machine, seen, isBuilt),
    isBuilt || !machine.build.useProxy
      ? []
      : evaluateProxies(process.env, whyNoLoopback(engine, isRemote ? String(address) : undefined)),
    evaluatePorts(machine, seen),
    evaluateX11(machine.x11, isRemote),
    isRemote ? [] : checkStorage(machine, host.ids),
    evaluateDisks(host.disks, builds),
  ]);
  return results.flat();
}

function evaluateGpus(
  { gpu, base }: Machine,
  { host, box }: Pick<MachineObservation, "host" | "box">,
  engine: EngineInfo,
  plan: GivenGpus,
): CheckResult[] {
  const isUp = box.state !== "absent" && box.state !== "stopped";
  const offer = evaluateGpuOffer(plan, { ...host, engine }, isUp && box.gpus?.mode === plan.mode);
  const noDriver = host.gpus !== undefined && "problem" in host.gpus && host.gpus.problem === "absent";
  if (offer.some(isError) && noDriver && host.toolkit === "none") return offer; // it explains the missing driver and toolkit as well
  return [
    ...offer,
    ...evaluateDriver(host.gpus, cudaOf(base)),
    ...evaluateToolkit(host.toolkit),
    ...evaluateDevices(gpu.devices, host.gpus, cdiDevices(engine)),
    ...evaluateCgroups(plan.mode, engine),
    ...evaluateClocks(gpu, host.isRemote ? host.address : undefined),
  ];
}

function evaluateBase({ base }: Machine, seen: Pick<MachineObservation, "host" | "base">, isBuilt: boolean) {
  const subject = "base image";
  if (isBuilt) return passed(subject, "not needed: the stack's image is built");
  if (seen.base !== undefined) return passed(subject, "on the Docker Engine");
  if (base.kind === "debootstrap") return passed(subject, `Debian ${base.suite}, created on this host`);
  return checkRegistries(base);
}

/** A port that the box itself uses passes the check. */
async function evaluatePorts(machine: Machine, { host, box }: Pick<MachineObservation, "host" | "box">) {
  const wanted = [sshPort(machine), ...x11Port(machine), ...otherPorts(machine)];
  // Compares the port only: if the stack moves to another address, its own container frees the port.
  const isUsedByBox = ({ port }: WantedPort): boolean =>
    box.published?.some((one) => one.endsWith(`:${port}`)) ?? false;
  const others = wanted.filter((one) => !isUsedByBox(one));
  // The box keeps an address that is temporarily missing, such as that of a VPN.
  const isNew = ({ bind, port }: WantedPort): boolean => !box.published?.includes(`${bind}:${port}`);
  const impossible = host.isRemote ? [] : evaluateAddresses(wanted.filter(isNew), ownAddresses());
  const isPossible = (one: WantedPort): boolean => !impossible.some(({ subject }) => subject === subjectOf(one));
  return [
    ...wanted
      .filter((one) => isUsedByBox(one) && isPossible(one))
      .flatMap((one) => passed(subjectOf(one), "used by the box")),
    ...(others.length > 0 ? await checkPorts(others.filter(isPossible), host.isRemote) : []),
    ...impossible,
  ];
}

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));

const x11Port = ({ x11: { server } }: Machine): WantedPort[] =>
  server === undefined
    ? []
    : [{ bind: x11Bind, port: server.port, purpose: "X11", option: "benchbox:x11.server.display" }];

const sshPort = ({ ssh: { bind, port } }: Machine): WantedPort => ({
  bind,
  port,
  purpose: "SSH",
  option: "benchbox:ssh.port",
});

const otherPorts = ({ ports }: Machine): WantedPort[] =>
  ports.map(({ bind, host, container }) => ({
    bind,
    port: host,
    purpose: `port ${container} of the box`,
    option: "benchbox:ports",
  }));

function evaluateStray(name: string, { found, fix }: Stray): CheckResult[] {
  return error(
    `container ${name}`,
    found,
    "the stack's own container, under its name and on its network: any other one would be replaced",
    fix,
  );
}
