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

/** The only type of resource whose unfinished creation collides with the next run. */
const containerType = "docker:index/container:Container";

/**
 * A type that earlier versions created and this one manages with a command (docs/decisions/0018-the-network.md). The network itself stays.
 */
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
 * Cleans up after a killed run: removes containers whose creation it had started and that are not in the state. Also removes the resources
 * of earlier versions from the state.
 *
 * Only creations matter, since only they collide with the next run ("name is already in use"). These containers hold no data of a user: a
 * container gets its keys only after its creation is recorded, and the next run reuses its volumes.
 *
 * @throws UserError when the Docker Engine does not answer, another run holds the stack's lock, or a container cannot be removed
 */
export async function recoverFromKill(stack: string): Promise<void> {
  const exported: Exported = JSON.parse(await exportState(stack));
  const { resources = [], pending_operations: operations = [] } = exported.deployment;
  const unfinished = operations.filter(({ type }) => type === "creating");
  // Before the records are removed: if the Docker Engine does not answer, the next run finds these containers only by the records.
  const containers = await findContainers(unfinished, resources);
  exported.deployment.pending_operations = operations.filter((one) => !unfinished.includes(one));
  exported.deployment.resources = withoutFormer(resources);
  // Before a container is removed: an import takes the stack's lock, and fails if another run holds it.
  const imported = await askCli(["stack", "import", "--stack", stack], { stdin: JSON.stringify(exported) });
  if (!imported.ok) throw new UserError(`recovering the stack ${stack} from a killed run failed: ${imported.stderr}`);
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
  // A container in the state is not a leftover: a later run completed it, and only the record of the creation stayed.
  return names.filter((_, index) => ids[index] !== "" && !known.some(({ id }) => id === ids[index]));
}

/** The container's id; empty if it does not exist. Uses a list, which fails only if the Docker Engine does not answer. */
async function findContainer(name: string): Promise<string> {
  const words = ["container", "ls", "--all", "--no-trunc", `--filter=name=^/${name}$`, "--format={{.ID}}"];
  const { ok, stdout, stderr, startError } = await docker(words);
  if (ok) return stdout.trim();
  throw new UserError(
    `checking whether a killed run left the container ${name} failed: ${stderr || startError}\n` +
      "  Fix: check the Docker Engine (docker version), then run this again",
  );
}

async function removeContainer(name: string): Promise<void> {
  const { ok, stderr } = await docker(["rm", "--force", name], { seconds: 0 });
  if (!ok) {
    throw new UserError(
      `removing the container ${name}, which a killed run left, failed: ${stderr}\n` +
        `  Fix: inspect it (docker container inspect ${name}), remove it, then run this again`,
    );
  }
  console.error(`benchbox: an earlier run was killed while it created the container ${name}; it will be created again`);
}

/** Removes the resources of former types, and all references to them, which are elements of lists. */
function withoutFormer(resources: readonly StateResource[]): StateResource[] {
  const former = resources.filter(isFormer).map(({ urn }) => urn);
  const others = resources.filter(({ urn }) => !former.includes(urn));
  const strip = (_: string, value: unknown): unknown =>
    Array.isArray(value) ? value.filter((one) => !former.includes(one)) : value;
  return JSON.parse(JSON.stringify(others, strip));
}
