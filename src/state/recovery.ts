import { UserError } from "../model/user-error.ts";
import { docker } from "../observe/docker.ts";
import { askCli } from "./cli.ts";
import {
  exportState,
  hasUnfinishedCreation,
  type PendingOperation,
  type StackState,
  type StateResource,
} from "./stack-state.ts";

/** The only kind of resource whose unfinished creation is in the way of the next one. */
const containerType = "docker:index/container:Container";

/** What was the provider's and is a command's now (docs/decisions/0018-the-network.md). It stays on the engine as it is. */
const formerType = "docker:index/network:Network";

const isFormer = ({ type }: StateResource): boolean => type === formerType;

export const needsRecovery = (state: StackState): boolean =>
  hasUnfinishedCreation(state) || state.resources.some(isFormer);

interface Exported {
  readonly deployment: {
    resources?: readonly StateResource[];
    pending_operations?: readonly PendingOperation[];
  };
}

/**
 * Cleans up what a killed run left: containers that it was just creating on the engine and that the state does not know. Also takes
 * what an earlier version left out of the state.
 *
 * Only creations matter, since only they collide with the next run ("name is already in use"). Nothing of a user's can be in them: a
 * container is handed its keys after its creation is on record, and volumes are taken over.
 *
 * @throws UserError when the engine does not answer, another run holds the stack, or a container cannot be removed
 */
export async function recoverFromKill(stack: string): Promise<void> {
  const exported: Exported = JSON.parse(await exportState(stack));
  const { resources = [], pending_operations: operations = [] } = exported.deployment;
  const unfinished = operations.filter(({ type }) => type === "creating");
  // Before the records go: without an answer they are all that leads the next run to these containers.
  const containers = await findContainers(unfinished, resources);
  exported.deployment.pending_operations = operations.filter((one) => !unfinished.includes(one));
  exported.deployment.resources = withoutFormer(resources);
  // Before anything is removed: an import takes the stack's lock, and fails where another run has it.
  const imported = await askCli(["stack", "import", "--stack", stack], { stdin: JSON.stringify(exported) });
  if (!imported.ok) throw new UserError(`stack ${stack} was not recovered from a killed run: ${imported.stderr}`);
  for (const name of containers) await removeContainer(name);
}

async function findContainers(
  unfinished: readonly PendingOperation[],
  known: readonly StateResource[],
): Promise<string[]> {
  const names = unfinished
    .filter(({ resource }) => resource.type === containerType)
    .flatMap(({ resource }) => (typeof resource.inputs?.name === "string" ? [resource.inputs.name] : []));
  const ids = await Promise.all(names.map(findContainer));
  // One that the state has by now: a later run went on without us, and the record of this creation stayed.
  return names.filter((_, index) => ids[index] !== "" && !known.some(({ id }) => id === ids[index]));
}

/** Its id; empty where there is none. A list, since it is no error for it to be empty: all that fails is an engine without an answer. */
async function findContainer(name: string): Promise<string> {
  const words = ["container", "ls", "--all", "--no-trunc", `--filter=name=^/${name}$`, "--format={{.ID}}"];
  const { ok, stdout, stderr, startError } = await docker(words);
  if (ok) return stdout.trim();
  throw new UserError(
    `the Docker Engine did not report whether a killed run left the container ${name}: ${stderr || startError}\n  Fix: check the Docker Engine (docker version), then run this again`,
  );
}

async function removeContainer(name: string): Promise<void> {
  const { ok, stderr } = await docker(["rm", "--force", name], { seconds: 0 });
  if (!ok) {
    throw new UserError(
      `a killed run left the container ${name}, and it was not removed: ${stderr}\n  Fix: inspect it (docker container inspect ${name}), remove it and run this again`,
    );
  }
  console.error(`benchbox: an earlier run was killed while it created the container ${name}; it is created anew`);
}

/** Without what is no longer the provider's, and without mentions of it. */
function withoutFormer(resources: readonly StateResource[]): StateResource[] {
  const former = resources.filter(isFormer).map(({ urn }) => urn);
  const without = (urns: readonly string[] | null): string[] => (urns ?? []).filter((urn) => !former.includes(urn));
  return resources
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
}
