import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstalledTool } from "../lib/report.ts";
import { docker } from "./docker.ts";

/** What there is of one stack's box, as far as it could be seen. Looking changes nothing. */
export interface BoxObservation {
  /** `unreachable`: it is there, but nothing can be run in it, for example because it is paused. */
  readonly state: "absent" | "stopped" | "running" | "unreachable";
  /** What it has of the machine's ports now, `127.0.0.1:22022`. */
  readonly published?: readonly string[] | undefined;
  /** When the box was last stopped, for telling one stop from the next. */
  readonly stoppedAt?: string | undefined;
  /** The trigger under which the box was last started and handed its keys. */
  readonly startedUnder?: string | undefined;
  /** Keys that the SSH agent had when the box was last handed its keys. */
  readonly agentKeys?: readonly string[] | undefined;
  /** The first-run steps that left a marker, by id. */
  readonly steps: ReadonlyMap<string, StepObservation>;
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

export async function observeBox(name: string, user: string): Promise<BoxObservation> {
  const inspected = await docker([
    "container",
    "inspect",
    "--format",
    "{{.State.Running}} {{.State.Paused}} {{.State.FinishedAt}} {{json .NetworkSettings.Ports}}",
    name,
  ]);
  if (!inspected.ok) return { state: "absent", steps: new Map() };
  const [running, paused, stoppedAt, ports] = inspected.stdout.trim().split(" ");
  if (running !== "true") return { state: "stopped", stoppedAt, ...(await readMarkers(name, user)) };
  const published = publishedPorts(JSON.parse(ports || "null"));
  const inside = paused === "true" ? undefined : await lookInside(name, user);
  return inside
    ? { state: "running", published, ...inside }
    : { state: "unreachable", published, ...(await readMarkers(name, user)) };
}

type Ports = Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null;

const publishedPorts = (ports: Ports): string[] =>
  Object.values(ports ?? {}).flatMap((all) => (all ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`));

type Seen = Pick<BoxObservation, "startedUnder" | "agentKeys" | "steps">;

/** One round trip for the whole box. Undefined when nothing can be run in it. */
async function lookInside(name: string, user: string): Promise<Seen | undefined> {
  const words = ["exec", "--interactive", "--user", user, name, "bash", "-s"];
  words.push(startMarker, markerFolder(user), agentMarker);
  const looked = await docker(words, await readFile(lookScript, "utf8"));
  if (!looked.ok) return undefined;
  const steps = new Map<string, StepObservation>();
  const agentKeys: string[] = [];
  let startedUnder: string | undefined;
  for (const line of looked.stdout.trimEnd().split("\n")) {
    const [kind, ...fields] = line.split("\t");
    if (kind === "started") startedUnder = fields[0];
    if (kind === "agent-key") agentKeys.push(String(fields[0]));
    if (kind === "step") steps.set(String(fields[0]), readStep(fields));
  }
  return { startedUnder, agentKeys, steps };
}

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
    const lines = async (file: string): Promise<string[]> => (await readFile(file, "utf8")).trimEnd().split("\n");
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
