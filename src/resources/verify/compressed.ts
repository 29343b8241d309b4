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

/** The format of a file with these first bytes; undefined if it is not compressed in a known one, whatever its name is. */
export const formatOf = (head: Buffer): Format | undefined =>
  formats.find(({ magic }) => magic.equals(head.subarray(0, magic.length)));

/** Searches the content of a compressed file while the file is read. */
export interface CompressedSearch {
  /** Takes the file's next piece. */
  add(piece: Buffer): Promise<void>;
  /** Call once, after the last piece. */
  end(): Promise<Set<Needle>>;
}

export function searchCompressed({ decompress }: Format, search: Search): CompressedSearch {
  const bytes = new PassThrough();
  bytes.on("error", () => {}); // the decompressor failed, and emits the error itself
  const content = decompress(bytes);
  const closed = new Promise((resolve) => content.once("close", resolve));
  let length = 0;
  // Uses events, since a loop over a stream that fails at its end misses the last pieces before the failure.
  content.on("data", (piece: Uint8Array) => {
    search.add(Buffer.from(piece));
    length += piece.length;
    if (length > largestContent) content.destroy();
  });
  // Some files only begin like compressed ones, or are damaged. Their own bytes are searched in any case.
  content.on("error", () => {});
  return {
    async add(piece) {
      if (!content.closed && !bytes.write(piece)) await Promise.race([once(bytes, "drain"), closed]);
    },
    async end() {
      bytes.end();
      await closed;
      return search.end();
    },
  };
}
