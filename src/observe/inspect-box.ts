import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMarker } from "../model/step-marker.ts";
import type { BoxChange, BoxObservation, StepObservation } from "./box-observation.ts";
import { docker } from "./docker.ts";

/** Folder of the first-run steps' markers, in the home volume like the tools themselves. */
const markerFolder = (user: string): string => `/home/${user}/.local/state/benchbox/steps`;

/** File with the trigger that the box was started under; in the container, so that it is deleted with it. */
const startMarker = "/var/lib/benchbox/started";
/** File with the keys that came from an SSH agent, a line each; also in the container. */
const agentMarker = "/var/lib/benchbox/agent-keys";

/** The second script uses functions of the first. */
const scripts = ["../../scripts/lib/files.sh", "inspect-box.sh"].map((file) => new URL(file, import.meta.url));

/** What is only visible inside the box. */
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
  | "hooks"
  | "noNewPrivileges"
>;

/**
 * Checks the whole box in one round trip.
 *
 * @returns the observation, or why there is none, where nothing can run in the box or its answer is incomplete
 */
export async function inspectBox(name: string, users: readonly string[]): Promise<Inside | string> {
  const words = ["exec", "--interactive", "--user", "root", name, "bash", "-s", startMarker, agentMarker, ...users];
  const stdin = scripts.map((file) => readFileSync(file, "utf8")).join("");
  const { ok, stdout, incomplete } = await docker(words, { stdin });
  const lines = linesOf(stdout);
  if (incomplete !== undefined) return `docker exec ${incomplete}`;
  if (!ok) return "docker exec cannot run a program in it";
  if (lines.pop() !== "end") return "the output of docker exec was truncated";
  const steps = new Map<string, StepObservation>();
  const agentKeys: string[] = [];
  let startedUnder: string | undefined;
  const gpu = new Map<string, string>();
  const changes: BoxChange[] = [];
  const ids = new Map<string, string>();
  let fingerprint: Inside["fingerprint"];
  let hooks: Inside["hooks"];
  const hookFailures = new Map<string, string>();
  let noNewPrivileges = false;
  const notChecked: string[] = [];
  for (const line of lines) {
    const [kind, first = "", second = "", ...marked] = line.split("\t");
    if (kind === "started") startedUnder = first;
    if (kind === "gpu") gpu.set(first, second);
    if (kind === "no-new-privileges") noNewPrivileges = true;
    if (kind === "user") ids.set(first, second);
    if (kind === "changed") changes.push({ what: first as BoxChange["what"], name: second });
    if (kind === "hooks") hooks = { trigger: first, isEdited: second === "edited", failures: hookFailures };
    if (kind === "hook") hookFailures.set(first, second);
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
    hooks,
    noNewPrivileges,
    lostGpus: gpu.get("lost"),
    otherDriver: gpu.get("driver"),
  };
}

const slowPart = (part: string, seconds: string): string =>
  part === "GPUs"
    ? `the box's GPUs: nvidia-smi took over ${seconds} s in it (persistence mode off? sudo nvidia-smi --persistence-mode=1)`
    : `${part}: its probe took over ${seconds} s`;

/** Undefined for invalid JSON. */
function readFingerprint(text: string): Inside["fingerprint"] {
  try {
    const facts: unknown = JSON.parse(text);
    return typeof facts === "object" && facts !== null ? { ...facts } : undefined;
  } catch {
    return undefined;
  }
}

const linesOf = (text: string): string[] => text.split("\n").filter(Boolean);

/** Copies the markers out of a stopped or paused box, in which no program can run. */
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
