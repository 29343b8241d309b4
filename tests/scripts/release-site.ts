import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bridgeAddress } from "../image/network-site.ts";
import { makeCertificates } from "../support/tls.ts";

/** How a folder of the site serves its files. `dead` accepts connections and never answers, `stalling` stops in the middle
 * of the first download of a file. */
export type Manner = "well" | "corrupt" | "truncated" | "slow" | "dead" | "missing" | "steady" | "brisk" | "stalling";

/** What these manners send every tenth of a second. */
const bytesPerTick = { slow: 100, steady: 60_000, brisk: 200_000 };

/**
 * A fake of the sites that publish the tools, over HTTPS on the Docker Engine's bridge. It serves the same files below a folder for
 * each manner, `https://.../slow/...`, so that each manner is a separate mirror.
 */
export class ReleaseSite {
  /** Requested paths, oldest first; `PATH from N` for a request for the rest of a file. */
  readonly requests: string[] = [];
  /** The certificate authority of the site, as PEM. */
  readonly authority: string;
  readonly #server: Server;
  readonly #files = new Map<string, Buffer | URL>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stalled = new Set<string>();

  private constructor({ key, cert, authority }: ReturnType<typeof certificatesFor>) {
    this.authority = authority;
    this.#server = createServer({ key, cert }, (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<ReleaseSite> {
    const address = bridgeAddress();
    const site = new ReleaseSite(certificatesFor(address));
    await new Promise<void>((resolve, reject) => {
      site.#server.once("error", reject).listen(0, address, resolve);
    });
    return site;
  }

  get host(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  /** The address of the site's folder for one manner. */
  mirror(manner: Manner): string {
    return `https://${this.host}/${manner}`;
  }

  /** @param content the file's content, or a URL to which every manner redirects */
  put(path: string, content: Buffer | string | URL): void {
    this.#files.set(path, typeof content === "string" ? Buffer.from(content) : content);
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "/";
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    this.requests.push(range && range !== "0" ? `${path} from ${range}` : path);
    const [, manner, file] = /^\/([a-z]+)\/(.*)$/s.exec(path) ?? [];
    const found = this.#files.get(file ?? "");
    if (manner === "dead") return;
    if (found === undefined || manner === "missing") {
      response.writeHead(404).end("no such file");
    } else if (found instanceof URL) {
      response.writeHead(302, { location: found.href }).end();
    } else if (/(\.sha256|SHASUMS256\.txt|\.json|\/tags\/[^/]+)$/.test(path)) {
      response.end(found);
    } else {
      this.#send(request, response, found, manner as Manner);
    }
  }

  #send(request: IncomingMessage, response: ServerResponse, content: Buffer, manner: Manner): void {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (start >= content.length) {
      response.writeHead(416).end();
      return;
    }
    const rest = Buffer.from(content.subarray(start));
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": rest.length,
      ...(request.url?.endsWith("/") && { "content-type": "text/html" }),
      ...(start > 0 && { "content-range": range }),
    });
    if (manner === "corrupt") rest.writeUInt8(rest.readUInt8(rest.length - 1) ^ 1, rest.length - 1);
    if (manner === "truncated") {
      response.write(rest.subarray(0, rest.length / 2), () => response.destroy());
    } else if (manner === "stalling" && !this.#stalled.has(request.url ?? "")) {
      this.#stalled.add(request.url ?? "");
      response.write(rest.subarray(0, rest.length / 2));
    } else if (manner in bytesPerTick) {
      this.#trickle(response, rest, bytesPerTick[manner as keyof typeof bytesPerTick]);
    } else response.end(rest);
  }

  /** Sends this many bytes every tenth of a second. */
  #trickle(response: ServerResponse, content: Buffer, bytes: number): void {
    let sent = 0;
    const timer = setInterval(() => {
      response.write(content.subarray(sent, sent + bytes));
      sent += bytes;
      if (sent < content.length) return;
      response.end();
      stop();
    }, 100);
    const stop = (): void => {
      clearInterval(timer);
      this.#timers.delete(timer);
    };
    this.#timers.add(timer);
    response.once("close", stop);
  }
}

export const sha256 = (content: Buffer | string): string => createHash("sha256").update(content).digest("hex");

/** A certificate and a separate authority: uv rejects a site's certificate that is its own authority. */
function certificatesFor(address: string): { key: string; cert: string; authority: string } {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-site-"));
  makeCertificates(folder, address);
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const result = { key: read("server-key.pem"), cert: read("server-cert.pem"), authority: read("ca.pem") };
  rmSync(folder, { recursive: true });
  return result;
}
