import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { docker } from "../support/clone.ts";
import { selfSigned } from "./network-box.ts";

/** A git repository over HTTP and HTTPS, on the Docker Engine's bridge: requests to loopback never go through a proxy. */
export interface Site {
  readonly address: string;
  /** `http://<address>:<port>/repo.git` */
  readonly http: string;
  readonly https: string;
  /** The authority of its certificate, which nothing trusts by default; PEM. */
  readonly authority: string;
  close(): void;
}

export async function startSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-site-"));
  const git = (...words: string[]): Buffer => execFileSync("git", ["-C", join(folder, "repo.git"), ...words]);
  execFileSync("git", ["init", "--quiet", "--bare", join(folder, "repo.git")]);
  const identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"];
  const tree = git("hash-object", "-w", "-t", "tree", "/dev/null").toString().trim();
  git(
    "update-ref",
    "HEAD",
    git(...identity, "commit-tree", "-m", "first", tree)
      .toString()
      .trim(),
  );
  git("update-server-info");

  const answer: RequestListener = (request, response) => {
    const file = join(folder, normalize(new URL(request.url ?? "/", "http://site").pathname));
    const found = existsSync(file) && !file.endsWith("/");
    response.writeHead(found ? 200 : 404).end(found ? readFileSync(file) : "");
  };
  const address = bridgeAddress();
  const { key, certificate } = selfSigned(address);
  const servers = [createServer(answer), createSecureServer({ key, cert: certificate }, answer)];
  const [http, https] = await Promise.all(servers.map((server) => listen(server, address)));
  const close = (): void => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  };
  return {
    address,
    http: `http://${address}:${http}/repo.git`,
    https: `https://${address}:${https}/repo.git`,
    authority: certificate,
    close,
  };
}

/** The host's address on the Docker Engine's bridge. An engine that created the bridge itself does not report it as the gateway. */
export function bridgeAddress(): string {
  const name = docker(
    "network",
    "inspect",
    "bridge",
    "--format",
    '{{index .Options "com.docker.network.bridge.name"}}',
  );
  // Not os.networkInterfaces(), which omits a bridge without containers.
  const [found] = JSON.parse(execFileSync("ip", ["-4", "-json", "addr", "show", name], { encoding: "utf8" }));
  const address: string | undefined = found?.addr_info?.[0]?.local;
  if (address === undefined) throw new Error(`the Docker Engine's bridge ${name} has no address on this host`);
  return address;
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, () => resolve((server.address() as AddressInfo).port));
  });
}
