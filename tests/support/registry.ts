import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { freePort } from "./clone.ts";
import { debianTool } from "./debian-tool.ts";

export interface Endpoint {
  /** `127.0.0.1:port` */
  readonly host: string;
  stop(): Promise<void>;
}

/** The login of a registry with `asksForLogin`. */
export const registryLogin = { user: "reader", password: "not-a-secret" };
const passwordHash = "$2b$04$1bxhe1QZ9INLUjZFcZpkkOI9TmiMVfCYh4A/0NJo9jnWLVpZzKBT.";

/** A real registry (Debian's docker-registry) on a loopback port. Several may serve the same folder. */
export async function startRegistry(folder: string, options: { asksForLogin?: boolean } = {}): Promise<Endpoint> {
  const program = join(await debianTool(["docker-registry"]), "usr/bin/docker-registry");
  const host = `127.0.0.1:${await freePort()}`;
  const scratch = mkdtempSync(join(tmpdir(), "bb-registry-"));
  const users = join(scratch, "users");
  writeFileSync(users, `${registryLogin.user}:${passwordHash}\n`);
  const configuration = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: folder } },
    http: { addr: host },
    ...(options.asksForLogin ? { auth: { htpasswd: { realm: "tests", path: users } } } : {}),
  };
  writeFileSync(join(scratch, "config.yml"), JSON.stringify(configuration));
  const child = spawn(program, ["serve", join(scratch, "config.yml")], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    kill();
    await ended;
    process.off("exit", kill);
    rmSync(scratch, { recursive: true });
  };
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer !== undefined) return { host, stop };
    await sleep(50);
  }
  await stop();
  throw new Error("docker-registry did not start");
}

/** A fake registry that accepts connections and never answers. */
export function startSilence(): Promise<Endpoint & { open(): number }> {
  // The end of a connection is only detected if it is read.
  return listen((client) => client.resume());
}

/**
 * A relay to a registry that degrades connections: slows them down, or passes only a number of bytes, counted over all connections, after
 * which each connection is closed or stalls.
 */
export function startRelay(
  target: string,
  how: { readonly bytesPerSecond?: number; readonly cutAfter?: number; readonly stallAfter?: number },
): Promise<Endpoint & { open(): number }> {
  let passed = 0;
  return listen((client) => {
    const server = connect(Number(target.split(":")[1]), "127.0.0.1");
    client.pipe(server);
    server.on("data", (piece) => {
      passed += piece.length;
      if (how.cutAfter !== undefined && passed > how.cutAfter) {
        client.destroy();
        server.destroy();
      } else if (how.stallAfter !== undefined && passed > how.stallAfter) {
        server.pause();
      } else {
        client.write(piece);
        if (how.bytesPerSecond === undefined) return;
        server.pause();
        setTimeout(() => server.resume(), (1000 * piece.length) / how.bytesPerSecond);
      }
    });
    server.on("end", () => client.end());
    server.on("error", () => client.destroy());
    client.on("close", () => server.destroy());
  });
}

async function listen(serve: (client: Socket) => void): Promise<Endpoint & { open(): number }> {
  const clients = new Set<Socket>();
  const server: Server = createServer((client) => {
    clients.add(client);
    client.on("error", () => {});
    client.on("close", () => clients.delete(client));
    serve(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const stop = async () => {
    for (const client of clients) client.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${port}`, stop, open: () => clients.size };
}

/** The digests of an image for two platforms: of its index, and of the manifest and config for this host's platform. */
export interface PublishedImage {
  readonly index: string;
  readonly manifest: string;
  readonly config: string;
}

const types = {
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  config: "application/vnd.docker.container.image.v1+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  index: "application/vnd.docker.distribution.manifest.list.v2+json",
};

/**
 * Creates an image for linux/amd64 and linux/arm64 and pushes it through the registry's API, so that no Docker Engine has a part of it
 * before it is pulled. Its one layer is random, so that it does not compress.
 */
export async function publish(host: string, repository: string, tag: string, megabytes = 2): Promise<PublishedImage> {
  const tar = randomTar(megabytes);
  const layer = gzipSync(tar, { level: 1 });
  await putBlob(host, repository, layer);
  const platforms = [];
  for (const architecture of ["amd64", "arm64"]) {
    const config = Buffer.from(
      JSON.stringify({
        architecture,
        os: "linux",
        config: { Env: ["PATH=/usr/bin:/bin", "ANSWER=42"], Cmd: ["/bin/true"], Labels: { made: "by tests" } },
        rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
        history: [{ created_by: "tests" }],
      }),
    );
    await putBlob(host, repository, config);
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: types.manifest,
        config: { mediaType: types.config, ...described(config) },
        layers: [{ mediaType: types.layer, ...described(layer) }],
      }),
    );
    await putManifest(host, repository, digestOf(manifest), types.manifest, manifest);
    platforms.push({ architecture, config: digestOf(config), manifest });
  }
  const manifests = platforms.map(({ architecture, manifest }) => ({
    mediaType: types.manifest,
    ...described(manifest),
    platform: { os: "linux", architecture },
  }));
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests }));
  await putManifest(host, repository, tag, types.index, index);
  const here = platforms.find(({ architecture }) => architecture === (process.arch === "arm64" ? "arm64" : "amd64"));
  if (here === undefined) throw new Error("no platform for this host");
  return { index: digestOf(index), manifest: digestOf(here.manifest), config: here.config };
}

function randomTar(megabytes: number): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "bb-layer-"));
  try {
    writeFileSync(join(folder, "bytes"), randomBytes(megabytes << 20));
    return execFileSync("tar", ["-C", folder, "-c", "bytes"], { maxBuffer: 1 << 30 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function described(bytes: Buffer): { digest: string; size: number } {
  return { digest: digestOf(bytes), size: bytes.length };
}

async function putBlob(host: string, repository: string, bytes: Buffer): Promise<void> {
  const begun = await send("POST", `http://${host}/v2/${repository}/blobs/uploads/`);
  const place = new URL(begun.headers.get("location") ?? "", `http://${host}`);
  place.searchParams.set("digest", digestOf(bytes));
  await send("PUT", place.href, "application/octet-stream", bytes);
}

async function putManifest(host: string, repository: string, name: string, type: string, bytes: Buffer): Promise<void> {
  await send("PUT", `http://${host}/v2/${repository}/manifests/${name}`, type, bytes);
}

async function send(method: string, url: string, type?: string, bytes?: Buffer): Promise<Response> {
  const body = bytes && new Uint8Array(bytes);
  const answer = await fetch(url, { method, ...(body ? { body, headers: { "Content-Type": type ?? "" } } : {}) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
