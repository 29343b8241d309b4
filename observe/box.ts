import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerLabels } from "../lib/container-mark.ts";
import { type DeviceRequest, type GivenGpus, givenGpus } from "../lib/gpu.ts";
import type { InstalledTool } from "../lib/report.ts";
import type { EngineLimits } from "../lib/running-limits.ts";
import { docker } from "./docker.ts";
import { inspect } from "./images.ts";
import { cutOff, observeStray, type Stray } from "./stray.ts";

/** What there is of one stack's box, as far as it could be seen. Looking changes nothing. */
export interface BoxObservation {
  /** `unreachable`: it is there and runs, but nothing can be run in it. */
  readonly state: "absent" | "stopped" | "paused" | "running" | "unreachable";
  /** What it has of the machine's ports now, `127.0.0.1:22022`. */
  readonly published?: readonly string[] | undefined;
  /** Undefined when it is absent. */
  readonly container?: BoxContainer | undefined;
  /** What keeps the program from its container, with what mends it; see `observeStray` and `cutOff`. */
  readonly stray?: Stray | undefined;
  /** When the box was last stopped, for telling one stop from the next. */
  readonly stoppedAt?: string | undefined;
  /** The trigger under which the box was last started and handed its keys. */
  readonly startedUnder?: string | undefined;
  /** Keys that the SSH agent had when the box was last handed its keys. */
  readonly agentKeys?: readonly string[] | undefined;
  /** The GPUs that the container was made with. */
  readonly gpus?: GivenGpus | undefined;
  /** What NVIDIA's driver says when the box has lost them, which a restart of the same container mends. */
  readonly lostGpus?: string | undefined;
  /** Likewise when the kernel runs another version of the driver than the box has, which a restart does not mend. */
  readonly otherDriver?: string | undefined;
  /** The names of the ulimits that it was made with. */
  readonly ulimits?: readonly string[] | undefined;
  /** The limits that it has now and that a running container can be given. */
  readonly engineLimits?: EngineLimits | undefined;
  /** The first-run steps that left a marker, by id. */
  readonly steps: ReadonlyMap<string, StepObservation>;
}

/** The box's container, as the engine has it. */
export interface BoxContainer {
  readonly id: string;
  /** Hash of what it was made with; undefined for one of an earlier version. */
  readonly declared?: string | undefined;
  /** Whether programs can be run in it. */
  readonly isRunning: boolean;
  /** What is mounted in it, by path: a volume's name, or a folder of the engine's machine. */
  readonly mounted: ReadonlyMap<string, string>;
}

export interface StepObservation {
  /** The trigger under which the step ran. */
  readonly trigger: string;
  /** Whether the tool that it installed still works; undefined when that could not be tried. */
  readonly healthy?: boolean | undefined;
  /** What it installed, by its own words; seen in a running box only. */
  readonly tool?: InstalledTool | undefined;
}

/** Where steps leave their markers: in the home volume, with the tools that they tell of. */
export const markerFolder = (user: string): string => `/home/${user}/.local/state/benchbox/steps`;

/** Where the box keeps the trigger it was started under: in the container, so that it goes with it. */
const startMarker = "/var/lib/benchbox/started";
/** Likewise the keys that came from an SSH agent, a line each. */
const agentMarker = "/var/lib/benchbox/agent-keys";

const lookScript = new URL("look-inside.sh", import.meta.url);

interface Inspected {
  readonly Id: string;
  readonly State: { readonly Running: boolean; readonly Paused: boolean; readonly FinishedAt: string };
  readonly Config: { readonly Image: string; readonly Labels?: Readonly<Record<string, string>> | null };
  readonly Mounts: readonly { readonly Destination: string; readonly Name?: string; readonly Source: string }[];
  readonly HostConfig: {
    readonly DeviceRequests: readonly DeviceRequest[] | null;
    readonly Ulimits: readonly { readonly Name: string }[] | null;
  } & EngineLimits;
  readonly NetworkSettings: { readonly Ports: Ports; readonly Networks: Readonly<Record<string, unknown>> };
}

export async function observeBox(name: string, user: string): Promise<BoxObservation> {
  const [inspected] = await inspect<Inspected>("container", [name]);
  const isOurs = inspected?.Config.Labels?.[containerLabels.box] === name;
  const stray = isOurs ? cutOff(name, inspected) : await observeStray(name, inspected?.Config.Image);
  if (inspected === undefined) return { state: "absent", stray, steps: new Map() };
  const { DeviceRequests, Ulimits, ...engineLimits } = inspected.HostConfig;
  const made = { gpus: givenGpus(DeviceRequests), ulimits: (Ulimits ?? []).map(({ Name }) => Name), engineLimits };
  const { Running: isUp, Paused: isPaused, FinishedAt: stoppedAt } = inspected.State;
  const container = containerOf(inspected);
  if (stray !== undefined) return { state: "unreachable", container, ...made, stray, steps: new Map() };
  if (!isUp) return { state: "stopped", stoppedAt, container, ...made, ...(await readMarkers(name, user)) };
  const published = publishedPorts(inspected.NetworkSettings.Ports);
  if (isPaused) return { state: "paused", published, container, ...made, ...(await readMarkers(name, user)) };
  const inside = await lookInside(name, user);
  return inside
    ? { state: "running", published, container, ...made, ...inside }
    : { state: "unreachable", published, container, ...made, ...(await readMarkers(name, user)) };
}

/** Only the container; undefined when there is none. */
export async function observeContainer(name: string): Promise<BoxContainer | undefined> {
  const [inspected] = await inspect<Inspected>("container", [name]);
  return inspected && containerOf(inspected);
}

const containerOf = ({ Id, State, Config, Mounts }: Inspected): BoxContainer => ({
  id: Id,
  declared: Config.Labels?.[containerLabels.declared],
  isRunning: State.Running && !State.Paused,
  mounted: new Map(Mounts.map(({ Destination, Name, Source }) => [Destination, Name ?? Source])),
});

type Ports = Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null;

const publishedPorts = (ports: Ports): string[] =>
  Object.values(ports ?? {}).flatMap((all) => (all ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`));

type Seen = Pick<BoxObservation, "startedUnder" | "agentKeys" | "steps" | "lostGpus" | "otherDriver">;

/** One round trip for the whole box. Undefined when nothing can be run in it. */
async function lookInside(name: string, user: string): Promise<Seen | undefined> {
  const words = ["exec", "--interactive", "--user", user, name, "bash", "-s"];
  words.push(startMarker, markerFolder(user), agentMarker);
  const looked = await docker(words, await readFile(lookScript, "utf8"));
  if (!looked.ok) return undefined;
  const steps = new Map<string, StepObservation>();
  const agentKeys: string[] = [];
  let startedUnder: string | undefined;
  const gpu = new Map<string, string>();
  for (const line of linesOf(looked.stdout)) {
    const [kind, ...fields] = line.split("\t");
    if (kind === "started") startedUnder = fields[0];
    if (kind === "gpu") gpu.set(String(fields[0]), String(fields[1]));
    if (kind === "agent-key") agentKeys.push(String(fields[0]));
    if (kind === "step") steps.set(String(fields[0]), readStep(fields));
  }
  return { startedUnder, agentKeys, steps, lostGpus: gpu.get("lost"), otherDriver: gpu.get("driver") };
}

/** Of an empty text there is none. */
const linesOf = (text: string): string[] => text.split("\n").filter(Boolean);

function readStep([, trigger, health, version, path]: readonly string[]): StepObservation {
  const tool = version && path ? { version, path } : undefined;
  return { trigger: String(trigger), healthy: health === "healthy", tool };
}

/** Nothing can be run in a box that stands still, but its markers can be copied out. */
async function readMarkers(name: string, user: string): Promise<Seen> {
  const folder = await mkdtemp(join(tmpdir(), "benchbox-markers-"));
  try {
    const [started, agent] = await Promise.all([
      docker(["cp", `${name}:${startMarker}`, join(folder, "started")]),
      docker(["cp", `${name}:${agentMarker}`, join(folder, "agent-keys")]),
      docker(["cp", `${name}:${markerFolder(user)}`, join(folder, "steps")]),
    ]);
    const lines = async (file: string): Promise<string[]> => linesOf(await readFile(file, "utf8"));
    const firstLine = async (file: string): Promise<string> => (await lines(file))[0] ?? "";
    const steps = new Map<string, StepObservation>();
    const names = await readdir(folder, { recursive: true });
    for (const file of names.filter((one) => one.startsWith("steps/"))) {
      steps.set(file.slice("steps/".length), { trigger: await firstLine(join(folder, file)) });
    }
    return {
      startedUnder: started.ok ? await firstLine(join(folder, "started")) : undefined,
      agentKeys: agent.ok ? await lines(join(folder, "agent-keys")) : [],
      steps,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
