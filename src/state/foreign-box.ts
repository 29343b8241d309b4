import { containerLabels } from "../model/container-mark.ts";
import { UserError } from "../model/user-error.ts";
import { askDocker, listByDocker } from "../observe/docker.ts";
import { knowsResource, type StackState } from "./stack-state.ts";

/**
 * Refuses a box of this name that is not in the state and therefore belongs to another clone. The Docker Engine would silently reuse its
 * volumes, and a purge in one clone would remove the volumes of both.
 *
 * @throws UserError that lists what was found
 */
export async function refuseForeignBox(stack: string, box: string, state: StackState): Promise<void> {
  if (knowsResource(state, "Container", `${box}-container`)) return;
  const found = await findForeignParts(box, state);
  if (found.length === 0) return;
  throw new UserError(`the Docker Engine has a box of this name that belongs to another clone; nothing was changed
  Found: ${found.join(", ")}
  - To keep it: use the clone that created it, or remove the box there (npm run down -- ${stack} --purge).
  - If its state is in another backend: move the state (docs/operations.md#state).
  - To create another box beside it: copy Pulumi.${stack}.yaml to another name, with another port.
  - To take over its volumes, if that clone is gone: docker rm --force ${box}; docker network rm ${box}; then
    BENCHBOX_TAKE_OVER=homes npm run up -- ${stack}`);
}

/** Empty if the Docker Engine does not answer, which the program reports. */
async function findForeignParts(box: string, state: StackState): Promise<string[]> {
  const [container, volumes, network] = await Promise.all([
    askDocker(["container", "inspect", "--format", "{{.Id}}", box]),
    listByDocker(["volume", "ls", "--quiet", "--filter", `name=^${box}-(home-.*|soft|data|workspace)$`]),
    askDocker(["network", "inspect", "--format", `{{.Id}} {{index .Labels "${containerLabels.box}"}}`, box]),
  ]);
  const [networkId, owner] = network.trim().split(" ");
  const takesVolumes = process.env.BENCHBOX_TAKE_OVER === "homes";
  const foreign = container.trim() === "" ? [] : [`the container ${box}`];
  for (const volume of takesVolumes ? [] : volumes) {
    if (!knowsResource(state, "Volume", volume)) foreign.push(`the volume ${volume}`);
  }
  // If there is only a network with our label, an interrupted creation left it.
  const isLeftover = owner === box && foreign.length === 0;
  if (networkId && !isLeftover && !knowsResource(state, undefined, `${box}-network`))
    foreign.push(`the network ${box}`);
  return foreign;
}
