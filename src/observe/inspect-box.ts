import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMarker } from "../model/step-marker.ts";
import type { BoxChange, BoxObservation, StepObservation } from "./box-observation.ts";
import { docker } from "./docker.ts";

/** Where steps leave their markers: in the home volume, with the tools that they tell of. */
const markerFolder = (user: string): string => `/home/${user}/.local/state/benchbox/steps`;

/** Where the box keeps the trigger it was started under: in the container, so that it goes with it. */
const startMarker = "/var/lib/benchbox/started";
/** Likewise the keys that came from an SSH agent, a line each. */
const agentMarker = "/var/lib/benchbox/agent-keys";

/** The second needs what the first defines. */
const lookScripts = ["../../scripts/lib/files.sh", "inspect-box.sh"].map((file) => new URL(file, import.meta.url));

/** What only the box itself can tell. */
type Inside = Pick<
  BoxObservation,
  | "startedUnder"
  | "notChecked"
  | "agentKeys"
  | "steps"
  | "lostGpus"
  | "otherDriver"
  | "changes"
  | "ids"
  | "fingerprint"
  | "noNewPrivileges"
>;

/**
 * Checks the whole box in one round trip.
 *
 * @returns why nothing is known of it, where nothing can be run in it or the answer is incomplete
 */
export async function inspectBox(name: string, users: readonly string[]): Promise<Inside | string> {
  const words = ["exec", "--interactive", "--user", "root", name, "bash", "-s", startMarker, agentMarker, ...users];
  const stdin = lookScripts.map((file) => readFileSync(file, "utf8")).join("");
  const { ok, stdout, incomplete } = await docker(words, { stdin });
  const lines = linesOf(stdout);
  if (incomplete !== undefined) return `docker exec ${incomplete}`;
  if (!ok) return "no program can be run in it (docker exec)";
  if (lines.pop() !== "end") return "docker exec ended in the middle of its output";
  const steps = new Map<string, StepObservation>();
  const agentKeys: string[] = [];
  let startedUnder: string | undefined;
  const gpu = new Map<string, string>();
  const changes: BoxChange[] = [];
  const ids = new Map<string, string>();
  let fingerprint: Inside["fingerprint"];
  let noNewPrivileges = false;
  const notChecked: string[] = [];
  for (const line of lines) {
    const [kind, first = "", second = "", ...marked] = line.split("\t");
    if (kind === "started") startedUnder = first;
    if (kind === "gpu") gpu.set(first, second);
    if (kind === "no-new-privileges") noNewPrivileges = true;
    if (kind === "user") ids.set(first, second);
    if (kind === "changed") changes.push({ what: first as BoxChange["what"], name: second });
    if (kind === "fingerprint") fingerprint = readFingerprint(first);
    if (kind === "agent-key") agentKeys.push(first);
    if (kind === "slow") notChecked.push(slowPart(first, second));
    const marker = kind === "step" ? readMarker(marked) : undefined;
    if (marker) steps.set(first, { ...marker, broken: second === "-" ? undefined : second });
  }
  return {
    startedUnder,
    notChecked,
    agentKeys,
    steps,
    changes,
    ids,
    fingerprint,
    noNewPrivileges,
    lostGpus: gpu.get("lost"),
    otherDriver: gpu.get("driver"),
  };
}

const slowPart = (part: string, seconds: string): string =>
  part === "GPUs"
    ? `the box's GPUs: nvidia-smi took over ${seconds} s in it (persistence mode off? sudo nvidia-smi --persistence-mode=1)`
    : `${part}: its probe took over ${seconds} s`;

/** One that cannot be read tells nothing. */
function readFingerprint(text: string): Inside["fingerprint"] {
  try {
    const facts: unknown = JSON.parse(text);
    return typeof facts === "object" && facts !== null ? { ...facts } : undefined;
  } catch {
    return undefined;
  }
}

/** Of an empty text there is none. */
const linesOf = (text: string): string[] => text.split("\n").filter(Boolean);

/** Nothing can be run in a box that stands still, but its markers can be copied out. */
export async function readMarkers(name: string, users: readonly string[]): Promise<Inside> {
  const folder = await mkdtemp(join(tmpdir(), "benchbox-markers-"));
  try {
    const copy = (from: string, to: string) => docker(["cp", `${name}:${from}`, join(folder, to)]);
    const [started, agent, ...copied] = await Promise.all([
      copy(startMarker, "started"),
      copy(agentMarker, "agent-keys"),
      ...users.map((user) => copy(markerFolder(user), `steps-${user}`)),
    ]);
    const lines = async (file: string): Promise<string[]> => linesOf(await readFile(join(folder, file), "utf8"));
    const steps = new Map<string, StepObservation>();
    for (const user of users.filter((_, index) => copied[index]?.ok)) {
      for (const id of await readdir(join(folder, `steps-${user}`))) {
        const marker = readMarker(await lines(`steps-${user}/${id}`));
        if (marker) steps.set(id, marker);
      }
    }
    return {
      startedUnder: started.ok ? (await lines("started"))[0] : undefined,
      agentKeys: agent.ok ? await lines("agent-keys") : [],
      steps,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
