import { once } from "node:events";
import { createRequire } from "node:module";
import { PassThrough, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Search } from "./finder.ts";
import type { Needle } from "./needles.ts";

// Its exports are made when it runs, where an import does not find them.
const { XzReadableStream } = createRequire(import.meta.url)("xz-decompress") as typeof import("xz-decompress");

/** What one compressed file may hold, in bytes. Of one that holds more the beginning is searched. */
const largestContent = 1 << 30;

/** The ways that are known, by how a file begins, whatever its name is. */
const ways: readonly {
  readonly how: string;
  readonly magic: Buffer;
  readonly undo: (bytes: Readable) => Readable;
}[] = [
  { how: "gzip'ed", magic: Buffer.from("1f8b08", "hex"), undo: (bytes) => bytes.pipe(createGunzip()) },
  { how: "in zstd", magic: Buffer.from("28b52ffd", "hex"), undo: (bytes) => bytes.pipe(createZstdDecompress()) },
  {
    how: "in xz",
    magic: Buffer.from("fd377a585a00", "hex"),
    undo: (bytes) => Readable.from(new XzReadableStream(Readable.toWeb(bytes) as ReadableStream<Uint8Array>)),
  },
];

/** Searches what a compressed file holds, while the file is read. */
export class Unpacking {
  /** For the report, behind what was found. */
  readonly how: string;
  readonly #bytes = new PassThrough();
  readonly #search: Search;
  readonly #done: Promise<void>;
  #isDone = false;

  private constructor({ how, undo }: (typeof ways)[number], search: Search) {
    this.how = how;
    this.#search = search;
    this.#bytes.on("error", () => {}); // what undoes the compression gave up; it tells
    this.#done = this.#read(undo(this.#bytes));
  }

  /** @param head the file's first bytes; undefined where they are not those of a compressed one */
  static start(head: Buffer, startSearch: () => Search): Unpacking | undefined {
    const way = ways.find(({ magic }) => magic.equals(head.subarray(0, magic.length)));
    return way && new Unpacking(way, startSearch());
  }

  /** The file's next piece. */
  async add(piece: Buffer): Promise<void> {
    if (this.#isDone || this.#bytes.write(piece)) return;
    await Promise.race([once(this.#bytes, "drain"), this.#done]);
  }

  /** Call once, after the last piece. */
  async end(): Promise<Set<Needle>> {
    this.#bytes.end();
    await this.#done;
    return this.#search.end();
  }

  /** By events, since a loop over a stream that fails at its end does not get what came just before. */
  #read(content: Readable): Promise<void> {
    let length = 0;
    content.on("data", (piece: Uint8Array) => {
      this.#search.add(Buffer.from(piece));
      length += piece.length;
      if (length > largestContent) content.destroy();
    });
    // Some files only begin like compressed ones, or are damaged. As they are, they are searched in any case.
    content.on("error", () => {});
    return new Promise((resolve) => {
      content.once("close", () => {
        this.#isDone = true;
        resolve();
      });
    });
  }
}
