import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** What a path is answered with: bytes, a redirection to an address, or nothing (404). */
export type Answer = Buffer | string | { readonly redirect: string } | undefined;

/** A stand-in for a mirror: a server on this machine's loopback that remembers what it was asked for. */
export class StandInArchive {
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(answer: (path: string) => Answer) {
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? "");
      this.asked.push(path);
      const found = answer(path);
      if (found === undefined) response.writeHead(404).end();
      else if (typeof found === "string" || Buffer.isBuffer(found)) response.end(found);
      else response.writeHead(302, { location: found.redirect }).end();
    });
  }

  static async start(t: TestContext, answer: (path: string) => Answer): Promise<StandInArchive> {
    const archive = new StandInArchive(answer);
    await new Promise<void>((resolve) => archive.#server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      archive.#server.closeAllConnections();
      archive.#server.close();
    });
    return archive;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
}
