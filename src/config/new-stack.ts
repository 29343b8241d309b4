/** What is asked of one more machine. */
export interface NewStack {
  /** As in DOCKER_HOST; undefined for this machine's engine. */
  readonly dockerHost: string | undefined;
  /** As in DOCKER_CERT_PATH. */
  readonly dockerCerts?: string | undefined;
  /** `all`, `none`, or indices and UUIDs separated by commas. */
  readonly gpu: string;
  readonly bind: string;
  readonly port: number;
}

/** `Pulumi.<stack>.yaml` for it. */
export function stackFile(name: string, { dockerHost, dockerCerts, gpu, bind, port }: NewStack): string {
  const chosen = gpu === "all" || gpu === "none" ? gpu : JSON.stringify(gpu.split(",").map((one) => one.trim()));
  return [
    `# The machine ${name}.`,
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
 * The first port that no stack has, on whatever engine: then a stack can move to another one.
 *
 * @param stacks the options of each stack
 * @param isFree whether nothing else has it
 */
export async function nextPort(
  stacks: readonly Readonly<Record<string, unknown>>[],
  isFree: (port: number) => boolean | Promise<boolean>,
): Promise<number> {
  const taken = new Set(stacks.map(({ ssh }) => (ssh as { port?: number } | undefined)?.port ?? firstPort));
  for (let port = firstPort; port < 65_535; port++) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error("no port is free");
}
