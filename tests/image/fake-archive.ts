import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** The response to a path: content, a redirection to a URL, or nothing (404). */
export type Answer = Buffer | string | { readonly redirect: string } | undefined;

/** A fake mirror: a server on the host's loopback address that records the requested paths. */
export class FakeArchive {
  readonly requests: string[] = [];
  readonly #server: Server;

  private constructor(answer: (path: string) => Answer) {
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? "");
      this.requests.push(path);
      const found = answer(path);
      if (found === undefined) response.writeHead(404).end();
      else if (typeof found === "string" || Buffer.isBuffer(found)) response.end(found);
      else response.writeHead(302, { location: found.redirect }).end();
    });
  }

  static async start(t: TestContext, answer: (path: string) => Answer): Promise<FakeArchive> {
    const archive = new FakeArchive(answer);
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
