import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMarker } from "../lib/step-marker.ts";
import type { BoxChange, BoxObservation, StepObservation } from "./box.ts";
import { docker } from "./docker.ts";

/** Where steps leave their markers: in the home volume, with the tools that they tell of. */
const markerFolder = (user: string): string => `/home/${user}/.local/state/benchbox/steps`;

/** Where the box keeps the trigger it was started under: in the container, so that it goes with it. */
const startMarker = "/var/lib/benchbox/started";
/** Likewise the keys that came from an SSH agent, a line each. */
const agentMarker = "/var/lib/benchbox/agent-keys";

/** The second needs what the first defines. */
const lookScripts = ["../scripts/lib/files.sh", "look-inside.sh"].map((file) => new URL(file, import.meta.url));

/** What only the box itself can tell. */
type Inside = Pick<
  BoxObservation,
  | "startedUnder"
  | "agentKeys"
  | "steps"
  | "lostGpus"
  | "otherDriver"
  | "changes"
  | "ids"
  | "fingerprint"
  | "noNewPrivileges"
>;

/** One round trip for the whole box. Undefined when nothing can be run in it. */
export async function lookInside(name: string, users: readonly string[]): Promise<Inside | undefined> {
  const words = ["exec", "--interactive", "--user", "root", name, "bash", "-s", startMarker, agentMarker, ...users];
  const looked = await docker(words, lookScripts.map((file) => readFileSync(file, "utf8")).join(""));
  if (!looked.ok) return undefined;
  const steps = new Map<string, StepObservation>();
  const agentKeys: string[] = [];
  let startedUnder: string | undefined;
  const gpu = new Map<string, string>();
  const changes: BoxChange[] = [];
  const ids = new Map<string, string>();
  let fingerprint: Inside["fingerprint"];
  let noNewPrivileges = false;
  for (const line of linesOf(looked.stdout)) {
    const [kind, first = "", second = "", ...lines] = line.split("\t");
    if (kind === "started") startedUnder = first;
    if (kind === "gpu") gpu.set(first, second);
    if (kind === "no-new-privileges") noNewPrivileges = true;
    if (kind === "user") ids.set(first, second);
    if (kind === "changed") changes.push({ what: first as BoxChange["what"], name: second });
    if (kind === "fingerprint") fingerprint = readFingerprint(first);
    if (kind === "agent-key") agentKeys.push(first);
    const marker = kind === "step" ? readMarker(lines) : undefined;
    if (marker) steps.set(first, { ...marker, broken: second === "-" ? undefined : second });
  }
  return {
    startedUnder,
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
