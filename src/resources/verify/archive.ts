import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract, type Header } from "tar-stream";

/** A file, link or folder of an archive. The path is without `./` and without a / at either end. */
export interface Entry {
  readonly path: string;
  /** What a symbolic or hard link names. */
  readonly link: string | undefined;
  readonly type: Header["type"];
  /** Bytes of content. */
  readonly size: number;
}

/** Is given each entry; need not read the content. */
export type Visit = (entry: Entry, content: AsyncIterable<Buffer>) => Promise<void>;

/** Reads a tar archive from beginning to end. Fails when it is cut off. */
export async function readTar(source: Readable, visit: Visit): Promise<void> {
  const archive = extract();
  source.on("error", (error) => archive.destroy(error));
  source.pipe(archive as unknown as NodeJS.WritableStream);
  for await (const entry of archive) {
    const { name, linkname, type, size } = entry.header;
    const path = name.replace(/^(\.?\/)+|\/+$/g, "");
    await visit({ path, link: linkname || undefined, type, size }, entry as AsyncIterable<Buffer>);
    entry.resume(); // the rest of what was not read
  }
}

/** What bytes are, decompressed: a tar archive, or the bytes themselves. */
export interface Unpacked {
  readonly isTar: boolean;
  readonly content: Readable;
}

/** Sees what bytes are: gzip and zstd are undone, at any depth. */
export async function unpack(source: AsyncIterable<Buffer>): Promise<Unpacked> {
  const { head, whole } = await peek(source, blockSize);
  const decompressor =
    head.readUInt16BE(0) === 0x1f8b ? createGunzip() : isZstd(head) ? createZstdDecompress() : undefined;
  if (decompressor === undefined) return { isTar: isTarHeader(head), content: whole };
  whole.on("error", (error) => decompressor.destroy(error));
  return unpack(whole.pipe(decompressor));
}

const blockSize = 512;

/** The first bytes, filled up with zeros, and all of them. */
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

function isZstd(head: Buffer): boolean {
  return head.readUInt32LE(0) === 0xfd2fb528;
}

/** By the header's checksum, which old archives without the word `ustar` have, too. No header at all is an empty archive. */
function isTarHeader(block: Buffer): boolean {
  if (block.every((byte) => byte === 0)) return true;
  const recorded = Number.parseInt(block.toString("latin1", 148, 156), 8);
  const counted = Buffer.concat([block.subarray(0, 148), Buffer.alloc(8, " "), block.subarray(156)]);
  return recorded === counted.reduce((sum, byte) => sum + byte, 0);
}

/** All of something small. */
export async function readAll(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
