/**
 * recover.ts STACK: makes good what a killed run left: things that were just being created on the engine and that the
 * state does not know; and what an earlier version left in the state. Prints what it did; exit code 1 when something is in the
 * way that is not ours to remove.
 *
 * Only creations are looked at, since only they collide with the next run ("name is already in use"). Nothing of a
 * user's can be in them: a container is handed its keys after its creation is on record, and volumes are taken over.
 */
import { execFileSync } from "node:child_process";
import { UserError } from "../model/user-error.ts";
import { docker } from "../observe/docker.ts";
import { runCommand } from "../process/run-command.ts";

interface Resource {
  readonly urn: string;
  readonly id?: string;
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

interface Operation {
  readonly type: string;
  readonly resource: { readonly urn: string; readonly type: string; readonly inputs?: { readonly name?: unknown } };
}

/** The only kind of resource whose unfinished creation is in the way of the next one. */
const containerType = "docker:index/container:Container";

/** What was the plugin's and is a command's now (docs/decisions/0018-the-network.md). It stays on the engine as it is. */
const formerType = "docker:index/network:Network";

const stack = process.argv[2] ?? "";
const pulumi = (words: string[], input?: string): string =>
  execFileSync("pulumi", [...words, "--stack", stack], { encoding: "utf8", input, maxBuffer: 256 << 20 });

const state = JSON.parse(pulumi(["stack", "export"]));
const operations: Operation[] = state.deployment.pending_operations ?? [];
const unfinished = operations.filter(({ type }) => type === "creating");

const resources: Resource[] = state.deployment.resources ?? [];
const former = resources.filter(({ type }) => type === formerType).map(({ urn }) => urn);
const without = (urns: readonly string[] | null | undefined): string[] =>
  (urns ?? []).filter((urn) => !former.includes(urn));

runCommand(async () => {
  // Before the records go: without an answer they are all that leads the next run to these containers.
  const containers = await findContainers();
  // Before anything is removed: it takes the stack's lock, and fails where somebody else's run has it.
  if ((unfinished.length > 0 || former.length > 0) && !importState()) return 1;
  for (const name of containers) {
    const removed = await docker(["rm", "--force", name]);
    if (!removed.ok) {
      console.error(`benchbox: a killed run left the container ${name} behind, and it is in use: ${removed.stderr}`);
      console.error(`benchbox: look at it (docker container inspect ${name}), free it and run this again.`);
      return 1;
    }
    console.error(`benchbox: an earlier run was killed while it made the container ${name}; it is made anew`);
  }
  return 0;
});

/** The containers that unfinished creations have left on the engine. */
async function findContainers(): Promise<string[]> {
  const found: string[] = [];
  for (const { resource } of unfinished) {
    const name = resource.inputs?.name;
    if (resource.type !== containerType || typeof name !== "string") continue;
    // A list, since it is no error for it to be empty: all that fails here is an engine that was not asked.
    const words = ["container", "ls", "--all", "--no-trunc", `--filter=name=^/${name}$`, "--format={{.ID}}"];
    const { ok, stdout, stderr } = await docker(words);
    if (!ok) {
      throw new UserError(
        `the Docker Engine did not say whether a killed run left the container ${name}: ${stderr}\n  Fix: check the Docker Engine (docker version), then run this again`,
      );
    }
    const id = stdout.trim();
    // One that the state has by now: a later run went on without us, and the record of this creation stayed.
    if (id !== "" && !resources.some((known) => known.id === id)) found.push(name);
  }
  return found;
}

/** Without the records of unfinished creations, and what is no longer the plugin's. */
function importState(): boolean {
  state.deployment.pending_operations = operations.filter((one) => !unfinished.includes(one));
  state.deployment.resources = resources
    .filter(({ urn }) => !former.includes(urn))
    .map(({ dependencies, propertyDependencies, ...resource }) => ({
      ...resource,
      ...(dependencies && { dependencies: without(dependencies) }),
      ...(propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          Object.entries(propertyDependencies).map(([property, urns]) => [property, without(urns)]),
        ),
      }),
    }));
  try {
    pulumi(["stack", "import"], JSON.stringify(state));
    return true;
  } catch {
    return false; // the CLI has said why
  }
}
