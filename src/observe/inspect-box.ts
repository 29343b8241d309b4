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
type Inside = Omit<BoxObservation, "state">;

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
  const records = lines.map((line) => line.split("\t"));
  const of = (kind: string): string[][] => records.flatMap(([first, ...rest]) => (first === kind ? [rest] : []));
  return {
    startedUnder: of("started")[0]?.[0],
    notChecked: of("slow").map(([part = "", seconds = ""]) => slowPart(part, seconds)),
    agentKeys: of("agent-key").map(([key = ""]) => key),
    steps: new Map(of("step").flatMap(([id = "", broken, ...marked]) => readStep(id, marked, broken))),
    changes: of("changed").map(([what, name = ""]) => ({ what: what as BoxChange["what"], name })),
    ids: new Map(of("user").map(([name = "", id = ""]) => [name, id])),
    fingerprint: readFingerprint(of("fingerprint")[0]?.[0]),
    hooks: readHooks(of("hooks")[0], of("hook")),
    noNewPrivileges: of("no-new-privileges").length > 0,
    lostGpus: of("gpu").find(([trouble]) => trouble === "lost")?.[1],
    otherDriver: of("gpu").find(([trouble]) => trouble === "driver")?.[1],
    memoryNodes: of("memory-nodes")[0]?.[0],
    oomScoreAdj: of("oom-score-adj").map(([score]) => Number(score))[0],
  };
}

/** The entry of a step that left a valid marker. */
function readStep(id: string, marked: readonly string[], broken = "-"): [string, StepObservation][] {
  const marker = readMarker(marked);
  return marker ? [[id, { ...marker, broken: broken === "-" ? undefined : broken }]] : [];
}

/** The hooks that the box has, with the last failure of each by its name. */
function readHooks(found: readonly string[] | undefined, failed: readonly string[][]): Inside["hooks"] {
  if (found === undefined) return undefined;
  const [trigger = "", edited] = found;
  return {
    trigger,
    isEdited: edited === "edited",
    failures: new Map(failed.map(([name = "", why = ""]) => [name, why])),
  };
}

const slowPart = (part: string, seconds: string): string =>
  part === "GPUs"
    ? `the box's GPUs: nvidia-smi took over ${seconds} s in it (persistence mode off? sudo nvidia-smi --persistence-mode=1)`
    : `${part}: its probe took over ${seconds} s`;

/** Undefined for invalid JSON. */
function readFingerprint(text = ""): Inside["fingerprint"] {
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
    const steps: [string, StepObservation][] = [];
    for (const user of users.filter((_, index) => copied[index]?.ok)) {
      for (const id of await readdir(join(folder, `steps-${user}`)))
        steps.push(...readStep(id, await lines(`steps-${user}/${id}`)));
    }
    return {
      startedUnder: started.ok ? (await lines("started"))[0] : undefined,
      agentKeys: agent.ok ? await lines("agent-keys") : [],
      steps: new Map(steps),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
