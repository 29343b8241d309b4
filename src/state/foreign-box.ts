import { containerLabels } from "../model/container-mark.ts";
import { UserError } from "../model/user-error.ts";
import { askDocker, listByDocker } from "../observe/docker.ts";
import { knowsResource, type StackState } from "./stack-state.ts";

/**
 * Refuses a box of this name that the state does not know: it is another clone's. The Docker Engine would give us its volumes without
 * a word, and a purge in either clone would remove both's.
 *
 * @throws UserError with what is there
 */
export async function refuseForeignBox(stack: string, box: string, state: StackState): Promise<void> {
  if (knowsResource(state, "Container", `${box}-container`)) return;
  const found = await findForeignParts(box, state);
  if (found.length === 0) return;
  throw new UserError(`the Docker Engine has a box of this name that is not this clone's; nothing was changed.
  Found: ${found.join(", ")}
  - Another clone created it: use that clone, or remove the box there (npm run down -- ${stack} --purge).
  - Its state is in another backend: hand it over (docs/operations.md#state).
  - You want another box beside it: copy Pulumi.${stack}.yaml to another name, with another port.
  - That clone is gone and you want its volumes: docker rm --force ${box}; docker network rm ${box}; then
    BENCHBOX_TAKE_OVER=homes npm run up -- ${stack}`);
}

/** None where there is no engine to ask; the program reports that. */
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
  // One of ours by itself is what a creation that was interrupted left.
  const isLeftover = owner === box && foreign.length === 0;
  if (networkId && !isLeftover && !knowsResource(state, undefined, `${box}-network`))
    foreign.push(`the network ${box}`);
  return foreign;
}
