/** The options of a new stack. */
export interface NewStack {
  /** Address of the Docker Engine, as in DOCKER_HOST; undefined for the one that the docker client uses. */
  readonly dockerHost: string | undefined;
  /** Folder with the certificates for a `tcp://` address, as in DOCKER_CERT_PATH. */
  readonly dockerCerts?: string | undefined;
  /** `all`, `none`, or indices and UUIDs separated by commas. */
  readonly gpu: string;
  readonly bind: string;
  readonly port: number;
}

/** The text of `Pulumi.<stack>.yaml` for a new stack. */
export function stackFile(name: string, { dockerHost, dockerCerts, gpu, bind, port }: NewStack): string {
  const chosen = gpu === "all" || gpu === "none" ? gpu : JSON.stringify(gpu.split(",").map((one) => one.trim()));
  return [
    "# yaml-language-server: $schema=docs/schema/stack.json",
    `# The stack ${name}.`,
    "config:",
    ...(dockerHost === undefined ? [] : [`  benchbox:docker_host: ${JSON.stringify(dockerHost)}`]),
    ...(dockerCerts === undefined ? [] : [`  benchbox:docker_certs: ${JSON.stringify(dockerCerts)}`]),
    `  benchbox:gpu: ${chosen}`,
    "  benchbox:ssh:",
    ...(bind === "127.0.0.1" ? [] : [`    bind: ${JSON.stringify(bind)}`]),
    `    port: ${port}`,
    "",
  ].join("\n");
}

const firstPort = 22022;

/**
 * The first SSH port from 22022 on that no stack uses. Stacks on other Docker Engines count as well, so that a stack can move to
 * another engine without changing its port.
 *
 * @param stacks the options of each stack
 * @param isFree whether a port is unused by anything else
 * @throws Error when every port is in use
 */
export async function nextPort(
  stacks: readonly Readonly<Record<string, unknown>>[],
  isFree: (port: number) => boolean | Promise<boolean>,
): Promise<number> {
  const taken = new Set(stacks.map(({ ssh }) => (ssh as { port?: number } | undefined)?.port ?? firstPort));
  for (let port = firstPort; port < 65_535; port++) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port from ${firstPort} on`);
}
