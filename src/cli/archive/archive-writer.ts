import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { Readable } from "node:stream";
import { pack } from "tar-stream";
import { UserError } from "../../model/user-error.ts";
import { type Manifest, manifestName, type PartRecord, partName } from "./manifest.ts";

const block = 512;
const padded = (size: number): number => Math.ceil(size / block) * block;

interface Placed extends PartRecord {
  /** Where its header begins, in bytes. */
  readonly offset: number;
}

/**
 * Writes a tar archive of parts whose sizes are known only once they have been read: reserves space for a part's header, and writes the
 * header when the part is complete. Until all parts are, the file is `FILE.partial`, and `FILE.partial.json` lists the complete ones.
 */
export class ArchiveWriter {
  readonly #file: string;
  readonly #box: string;
  readonly #descriptor: number;
  readonly #parts: Placed[] = [];

  private constructor(file: string, box: string) {
    this.#file = file;
    this.#box = box;
    const flags = existsSync(this.partial) && existsSync(this.journal) ? "r+" : "w+";
    this.#descriptor = openSync(this.partial, flags, 0o600); // homes contain keys
  }

  /**
   * Opens FILE, or resumes the partial file of an earlier run with the parts whose checksums match.
   *
   * @throws UserError when FILE exists, or the partial file belongs to another box
   */
  static async open(file: string, box: string): Promise<ArchiveWriter> {
    if (existsSync(file))
      throw new UserError(`${file} already exists and is not overwritten\n  Fix: choose another file name`);
    const archive = new ArchiveWriter(file, box);
    await archive.#resume();
    return archive;
  }

  private get partial(): string {
    return `${this.#file}.partial`;
  }
  private get journal(): string {
    return `${this.partial}.json`;
  }

  has(key: string): PartRecord | undefined {
    return this.#parts.find((part) => part.key === key);
  }

  /** Writes a part. It is discarded if `confirm`, which runs after the last byte, throws. */
  async add(
    key: string,
    content: Readable,
    confirm: () => Promise<void>,
    onBytes: (count: number) => void,
  ): Promise<void> {
    const offset = this.#end();
    const taken = new Date().toISOString();
    const hash = createHash("sha256");
    let size = 0;
    for await (const piece of content as AsyncIterable<Buffer>) {
      this.#write(piece, offset + block + size);
      hash.update(piece);
      size += piece.length;
      onBytes(piece.length);
    }
    await confirm();
    this.#write(Buffer.alloc(padded(size) - size), offset + block + size);
    this.#write(await header(partName(key), size, taken), offset);
    fsyncSync(this.#descriptor);
    this.#parts.push({ key, size, sha256: hash.digest("hex"), taken, offset });
    this.#writeJournal();
  }

  /** Writes the manifest and renames the partial file to FILE. */
  async finish(): Promise<Manifest> {
    const parts = this.#parts.map(({ offset: _, ...part }) => part);
    const manifest: Manifest = { format: 1, box: this.#box, parts };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    const at = this.#end();
    this.#write(await header(manifestName, text.length, new Date().toISOString()), at);
    this.#write(Buffer.concat([text, Buffer.alloc(padded(text.length) - text.length + 2 * block)]), at + block);
    ftruncateSync(this.#descriptor, at + block + padded(text.length) + 2 * block);
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    // Unlike a rename, this fails when another process has created the file in the meantime.
    try {
      linkSync(this.partial, this.#file);
      rmSync(this.partial);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST")
        throw new UserError(
          `${this.#file} was created in the meantime and is not overwritten; the complete backup is ${this.partial}`,
        );
      renameSync(this.partial, this.#file); // a file system without links
    }
    rmSync(this.journal);
    return manifest;
  }

  #end(): number {
    const last = this.#parts.at(-1);
    return last === undefined ? 0 : last.offset + block + padded(last.size);
  }

  #write(bytes: Buffer, at: number): void {
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, at + done);
  }

  #writeJournal(): void {
    const staged = `${this.journal}.new`;
    writeFileSync(staged, JSON.stringify({ box: this.#box, parts: this.#parts }), { mode: 0o600 });
    renameSync(staged, this.journal);
  }

  async #resume(): Promise<void> {
    if (!existsSync(this.journal)) return this.#writeJournal();
    const { box, parts } = JSON.parse(readFileSync(this.journal, "utf8")) as { box: string; parts: Placed[] };
    if (box !== this.#box)
      throw new UserError(
        `${this.partial} is an incomplete backup of ${box}\n  Fix: remove it, or choose another file name`,
      );
    for (const part of parts) {
      const { offset, size } = part;
      const hash = createHash("sha256");
      if (size > 0) {
        const content = createReadStream(this.partial, { start: offset + block, end: offset + block + size - 1 });
        for await (const piece of content) hash.update(piece);
      }
      if (hash.digest("hex") !== part.sha256) break; // the offsets of the parts after it are unreliable
      this.#parts.push(part);
    }
    this.#writeJournal();
  }
}

async function header(name: string, size: number, taken: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name, size, mode: 0o600, mtime: new Date(taken) });
  const { value: bytes } = await tar[Symbol.asyncIterator]().next();
  tar.destroy();
  if (bytes?.length !== block) throw new Error(`the header of ${name} has ${bytes?.length} bytes`);
  return bytes;
}
