import { networkInterfaces } from "node:os";
import { error, isError, type Verdict, well } from "../model/check-result.ts";
import type { GivenGpus } from "../model/gpu.ts";
import type { Machine } from "../model/machine.ts";
import { x11Bind } from "../model/x11.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";
import type { MachineObservation } from "../observe/observation.ts";
import type { Stray } from "../observe/stray.ts";
import { whyNoLoopback } from "../plan/build-network.ts";
import { planHardware } from "../plan/hardware-plan.ts";
import { judgeDisks } from "./disk.ts";
import { judgeTransport, judgeWhichEngine } from "./engine-address.ts";
import { judgeEngine, judgeNoEngine } from "./engine-answers.ts";
import { judgeCgroups } from "./gpu-cgroups.ts";
import { judgeClocks } from "./gpu-clocks.ts";
import { judgeDevices } from "./gpu-devices.ts";
import { cudaOf, judgeDriver } from "./gpu-driver.ts";
import { cdiDevices, judgeGpuOffer } from "./gpu-offer.ts";
import { judgeToolkit } from "./gpu-toolkit.ts";
import { checkJump } from "./jump.ts";
import { checkPorts, judgeAddresses, subjectOf, type WantedPort } from "./ports.ts";
import { judgeProxies } from "./proxies.ts";
import { checkRegistries } from "./registries.ts";
import { checkStorage } from "./storage.ts";
import { judgeX11 } from "./x11.ts";

/**
 * Whether this machine can run the stack: every check, in the order in which a person would look. Most judge what was
 * seen already; a few ask something more, and only when it matters. Changes nothing.
 *
 * @param isBuilt whether the engine has the stack's image, so that nothing need be pulled or built
 */
export async function preflight(
  machine: Machine,
  seen: Pick<MachineObservation, "host" | "box" | "base">,
  isBuilt: boolean,
): Promise<Verdict[]> {
  const { host, box } = seen;
  const { engine, address, isRemote } = host;
  const wrongEngine = judgeWhichEngine(machine, host);
  if (wrongEngine.length > 0) return wrongEngine;
  if ("problem" in engine) return judgeNoEngine(engine, address, machine.dockerHost);
  if (box.stray !== undefined) return judgeStray(machine.name, box.stray);

  const builds = box.state === "absent" && !isBuilt ? machine.base.kind : undefined;
  const hardware = planHardware(machine, seen);
  const verdicts = await Promise.all([
    judgeEngine(engine, machine.gpu.devices !== "none"),
    judgeTransport(host),
    box.state === "absent" ? checkJump(machine) : [],
    hardware.gpus === undefined ? [] : judgeGpus(machine, seen, engine, hardware.gpus),
    [...hardware.limits.findings],
    judgeBase(machine, seen, isBuilt),
    isBuilt || !machine.build.useProxy
      ? []
      : judgeProxies(process.env, whyNoLoopback(engine, isRemote ? String(address) : undefined)),
    judgePorts(machine, seen),
    judgeX11(machine.x11, isRemote),
    isRemote ? [] : checkStorage(machine, host.ids),
    judgeDisks(host.disks, builds),
  ]);
  return verdicts.flat();
}

function judgeGpus(
  { gpu, base }: Machine,
  { host, box }: Pick<MachineObservation, "host" | "box">,
  engine: EngineInfo,
  plan: GivenGpus,
): Verdict[] {
  const isUp = box.state !== "absent" && box.state !== "stopped";
  const offer = judgeGpuOffer(plan, { ...host, engine }, isUp && box.gpus?.mode === plan.mode);
  const noDriver = host.gpus !== undefined && "problem" in host.gpus && host.gpus.problem === "absent";
  if (offer.some(isError) && noDriver && host.toolkit === "none") return offer; // which says all there is to say
  return [
    ...offer,
    ...judgeDriver(host.gpus, cudaOf(base)),
    ...judgeToolkit(host.toolkit),
    ...judgeDevices(gpu.devices, host.gpus, cdiDevices(engine)),
    ...judgeCgroups(plan.mode, engine),
    ...judgeClocks(gpu, host.isRemote ? host.address : undefined),
  ];
}

function judgeBase({ base }: Machine, seen: Pick<MachineObservation, "host" | "base">, isBuilt: boolean) {
  const subject = "base image";
  if (isBuilt) return well(subject, "not needed, the stack's image is built");
  if (seen.base !== undefined) return well(subject, "on the engine");
  if (base.kind === "debootstrap") return well(subject, `Debian ${base.suite}, made on this machine`);
  return checkRegistries(base);
}

/** Those that the box has are not free, and need not be. */
async function judgePorts(machine: Machine, { host, box }: Pick<MachineObservation, "host" | "box">) {
  const wanted = [sshPort(machine), ...x11Port(machine), ...otherPorts(machine)];
  // On whatever address: where the stack wants another one, its own container makes room.
  const isOurs = ({ port }: WantedPort): boolean => box.published?.some((one) => one.endsWith(`:${port}`)) ?? false;
  const others = wanted.filter((one) => !isOurs(one));
  // A box that has it keeps it while the address is away, as a VPN's is.
  const isNew = ({ bind, port }: WantedPort): boolean => !box.published?.includes(`${bind}:${port}`);
  const impossible = host.isRemote ? [] : judgeAddresses(wanted.filter(isNew), ownAddresses());
  const isPossible = (one: WantedPort): boolean => !impossible.some(({ subject }) => subject === subjectOf(one));
  return [
    ...wanted.filter((one) => isOurs(one) && isPossible(one)).flatMap((one) => well(subjectOf(one), "the box has it")),
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
    purpose: `its port ${container}`,
    option: "benchbox:ports",
  }));

function judgeStray(name: string, { found, mend }: Stray): Verdict[] {
  return error(
    `container ${name}`,
    found,
    "the stack's own, under its name and on its network: else it would be replaced",
    mend,
  );
}
