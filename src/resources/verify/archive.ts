import { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { formatOf } from "./compressed.ts";

/** A file, link or folder of an archive. */
export interface Entry {
  /** Without a leading `./` or `/`, and without a trailing `/`. */
  readonly path: string;
  /** The target of a symbolic or hard link. */
  readonly link: string | undefined;
  readonly type: Header["type"];
  /** Size of the content in bytes. */
  readonly size: number;
}

/**
 * Reads a tar archive from beginning to end.
 *
 * @param visit need not read the content
 * @throws when the archive is truncated
 */
export async function readTar(
  source: Readable,
  visit: (entry: Entry, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const archive = extract();
  source.on("error", (error) => archive.destroy(error));
  source.pipe(archive as unknown as NodeJS.WritableStream);
  for await (const entry of archive) {
    const { name, linkname, type, size } = entry.header;
    const path = name.replace(/^(\.?\/)+|\/+$/g, "");
    await visit({ path, link: linkname || undefined, type, size }, entry as AsyncIterable<Buffer>);
    entry.resume(); // skips what `visit` did not read
  }
}

/** Removes compression, however often it was applied, and detects tar archives. */
export async function unpack(source: AsyncIterable<Buffer>): Promise<{ isTar: boolean; content: Readable }> {
  const { head, whole } = await peek(source, blockSize);
  const decompressed = formatOf(head)?.decompress(whole);
  if (decompressed === undefined) return { isTar: isTarHeader(head), content: whole };
  whole.on("error", (error) => decompressed.destroy(error));
  return unpack(decompressed);
}

const blockSize = 512;

/** The first bytes, padded with zeros, and a stream of all bytes. */
async function peek(source: AsyncIterable<Buffer>, bytes: number): Promise<{ head: Buffer; whole: Readable }> {
  const pieces = source[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const piece = await pieces.next();
    if (piece.done) break;
    first.push(piece.value);
    length += piece.value.length;
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield* first;
    yield* { [Symbol.asyncIterator]: () => pieces };
  }
  const head = Buffer.alloc(bytes);
  Buffer.concat(first).copy(head);
  return { head, whole: Readable.from(all(), { objectMode: false }) };
}

/** Checks the header's checksum, which old archives without the word `ustar` have as well. A block of zeros is an empty archive. */
function isTarHeader(block: Buffer): boolean {
  if (block.every((byte) => byte === 0)) return true;
  const recorded = Number.parseInt(block.toString("latin1", 148, 156), 8);
  const counted = Buffer.concat([block.subarray(0, 148), Buffer.alloc(8, " "), block.subarray(156)]);
  return recorded === counted.reduce((sum, byte) => sum + byte, 0);
}
