import { once } from "node:events";
import { createRequire } from "node:module";
import { PassThrough, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Search } from "./finder.ts";
import type { Needle } from "./needles.ts";

// The module creates its exports when it runs, so an import does not find them.
const { XzReadableStream } = createRequire(import.meta.url)("xz-decompress") as typeof import("xz-decompress");

/** How much of a compressed file's content is searched, in bytes. */
const largestContent = 1 << 30;

interface Format {
  readonly name: string;
  /** The first bytes of a file of this format. */
  readonly magic: Buffer;
  readonly decompress: (bytes: Readable) => Readable;
}

const formats: readonly Format[] = [
  { name: "gzip", magic: Buffer.from("1f8b08", "hex"), decompress: (bytes) => bytes.pipe(createGunzip()) },
  { name: "zstd", magic: Buffer.from("28b52ffd", "hex"), decompress: (bytes) => bytes.pipe(createZstdDecompress()) },
  {
    name: "xz",
    magic: Buffer.from("fd377a585a00", "hex"),
    decompress: (bytes) => Readable.from(new XzReadableStream(Readable.toWeb(bytes) as ReadableStream<Uint8Array>)),
  },
];

/** Searches the content of a compressed file while the file is read. */
export class CompressedSearch {
  /** The name of the compression format. */
  readonly format: string;
  readonly #bytes = new PassThrough();
  readonly #search: Search;
  readonly #done: Promise<void>;
  #isDone = false;

  private constructor({ name, decompress }: Format, search: Search) {
    this.format = name;
    this.#search = search;
    this.#bytes.on("error", () => {}); // the decompressor failed, and emits the error itself
    this.#done = this.#read(decompress(this.#bytes));
  }

  /** @param head the file's first bytes @returns undefined if the file is not compressed in a known format, whatever its name is */
  static start(head: Buffer, startSearch: () => Search): CompressedSearch | undefined {
    const format = formats.find(({ magic }) => magic.equals(head.subarray(0, magic.length)));
    return format && new CompressedSearch(format, startSearch());
  }

  /** Takes the file's next piece. */
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

  /** Uses events, since a loop over a stream that fails at its end misses the last pieces before the failure. */
  #read(content: Readable): Promise<void> {
    let length = 0;
    content.on("data", (piece: Uint8Array) => {
      this.#search.add(Buffer.from(piece));
      length += piece.length;
      if (length > largestContent) content.destroy();
    });
    // Some files only begin like compressed ones, or are damaged. Their own bytes are searched in any case.
    content.on("error", () => {});
    return new Promise((resolve) => {
      content.once("close", () => {
        this.#isDone = true;
        resolve();
      });
    });
  }
}
