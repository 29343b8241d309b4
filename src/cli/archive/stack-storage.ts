import { UserError } from "../../model/user-error.ts";
import { listByDocker } from "../../observe/docker.ts";
import { boxName } from "../../state/project.ts";
import { exportState } from "../../state/stack-state.ts";
import { clearAfterKill } from "../../state/stale-locks.ts";

export interface Part {
  /** Short name, for example `home-peid`. */
  readonly key: string;
  /** The volume's name, or the folder's path. */
  readonly source: string;
}

interface StateResource {
  readonly type: string;
  readonly outputs?: {
    readonly name?: string;
    readonly image?: string;
    readonly driverOpts?: Readonly<Record<string, string>>;
    readonly mounts?: readonly { readonly source: string; readonly target: string }[];
  };
}

/**
 * The storage of a stack that outlives its container, as its state records it: the container's name, the image whose programs read and
 * write the storage, the volumes, and folders of the host.
 *
 * @throws UserError when the state cannot be read, the stack has no volumes yet, or no image to access them
 */
export async function readStackStorage(stack: string) {
  clearAfterKill(stack); // a killed run may have left the state unreadable
  const resources: StateResource[] = JSON.parse(await exportState(stack)).deployment.resources ?? [];
  const outputsOf = (type: string) => resources.filter((one) => one.type === type).map(({ outputs }) => outputs ?? {});
  // Those with driver options are mounts (benchbox:mounts), such as an NFS share: their data is elsewhere.
  const names = outputsOf("docker:index/volume:Volume")
    .filter(({ driverOpts }) => Object.keys(driverOpts ?? {}).length === 0)
    .map(({ name = "" }) => name);
  const [container] = outputsOf("docker:index/container:Container");
  if (names.length === 0) throw new UserError(`the stack ${stack} has no volumes yet\n  Fix: npm run up -- ${stack}`);
  const box = boxName(stack);
  // `npm run down` keeps the images for the next `up`.
  const [kept] = await listByDocker(["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", box]);
  const image = container?.image ?? outputsOf("docker:index/remoteImage:RemoteImage")[0]?.name ?? kept;
  if (image === undefined) {
    throw new UserError(
      `the box ${stack} is down, and the Docker Engine has none of its images, which are needed to access its volumes\n` +
        `  Fix: npm run up -- ${stack}`,
    );
  }
  const folders: Part[] = (container?.mounts ?? []).flatMap(({ source, target }) => {
    const key = storageKey(target);
    return key === undefined ? [] : [{ key, source }];
  });
  const volumes: Part[] = names.map((name) => ({ key: name.slice(box.length + 1), source: name }));
  return { box, image, volumes, folders };
}

/** The key of the storage place at a path in the box (src/config/storage.ts); undefined for any other mount. */
function storageKey(path: string): string | undefined {
  const [, user] = /^\/home\/([^/]+)$/.exec(path) ?? [];
  if (user !== undefined) return `home-${user}`;
  return new Map([
    ["/soft", "soft"],
    ["/soft/data", "data"],
    ["/workspace", "workspace"],
  ]).get(path);
}
