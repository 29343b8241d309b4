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
import { pack } from "tar-stream";
import { UserError } from "../../model/user-error.ts";
import { sha256Of } from "../sha256.ts";
import { type Manifest, manifestName, type PartRecord, partName } from "./archive-reader.ts";

const block = 512;
const padded = (size: number): number => Math.ceil(size / block) * block;

/** Where the file after these parts begins, in bytes. */
const endOf = (parts: readonly PartRecord[]): number => parts.reduce((end, { size }) => end + block + padded(size), 0);

/**
 * Writes a tar archive of parts whose sizes are known only once they have been read: reserves space for a part's header, and writes the
 * header when the part is complete. Until all parts are, the file is `FILE.partial`, and `FILE.partial.json` lists the complete ones, with
 * which an interrupted run resumes if their checksums match.
 *
 * @throws UserError when FILE exists, or the partial file belongs to another box
 */
export async function openArchive(file: string, box: string) {
  if (existsSync(file))
    throw new UserError(`${file} already exists and is not overwritten\n  Fix: choose another file name`);
  const partial = `${file}.partial`;
  const journal = `${partial}.json`;
  const isResumed = existsSync(journal);
  const descriptor = openSync(partial, isResumed && existsSync(partial) ? "r+" : "w+", 0o600); // homes contain keys
  const parts = isResumed ? await readJournal(journal, partial, box) : [];
  const manifest: Manifest = { format: 1, box, parts };

  const write = (bytes: Buffer, at: number): void => {
    for (let done = 0; done < bytes.length; )
      done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
  };
  const writeJournal = (): void => {
    writeFileSync(`${journal}.new`, JSON.stringify(manifest), { mode: 0o600 });
    renameSync(`${journal}.new`, journal);
  };
  writeJournal();

  return {
    has: (key: string): PartRecord | undefined => parts.find((part) => part.key === key),

    /** Writes a part. It is discarded if `confirm`, which runs after the last byte, throws. */
    async add(key: string, content: AsyncIterable<Buffer>, confirm: () => Promise<void>): Promise<PartRecord> {
      const offset = endOf(parts);
      const taken = new Date().toISOString();
      const hash = createHash("sha256");
      let size = 0;
      for await (const piece of content) {
        write(piece, offset + block + size);
        hash.update(piece);
        size += piece.length;
      }
      await confirm();
      write(Buffer.alloc(padded(size) - size), offset + block + size);
      write(await header(partName(key), size, taken), offset);
      fsyncSync(descriptor);
      const part = { key, size, sha256: hash.digest("hex"), taken };
      parts.push(part);
      writeJournal();
      return part;
    },

    /** Writes the manifest and renames the partial file to FILE. */
    async finish(): Promise<Manifest> {
      const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
      const at = endOf(parts);
      write(await header(manifestName, text.length, new Date().toISOString()), at);
      const end = at + block + padded(text.length) + 2 * block;
      write(Buffer.concat([text], end - at - block), at + block);
      ftruncateSync(descriptor, end);
      fsyncSync(descriptor);
      closeSync(descriptor);
      // Unlike a rename, this fails when another process has created the file in the meantime.
      try {
        linkSync(partial, file);
        rmSync(partial);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST")
          throw new UserError(
            `${file} was created in the meantime and is not overwritten; the complete backup is ${partial}`,
          );
        renameSync(partial, file); // a file system without links
      }
      rmSync(journal);
      return manifest;
    },
  };
}

/** The complete parts of an interrupted run whose checksums match. */
async function readJournal(journal: string, partial: string, box: string): Promise<PartRecord[]> {
  const before = JSON.parse(readFileSync(journal, "utf8")) as Manifest;
  if (before.box !== box)
    throw new UserError(
      `${partial} is an incomplete backup of ${before.box}\n  Fix: remove it, or choose another file name`,
    );
  const parts: PartRecord[] = [];
  for (const part of before.parts) {
    const start = endOf(parts) + block;
    const sum = await sha256Of(createReadStream(partial, { start, end: start + part.size - 1 }));
    if (sum !== part.sha256) break; // the places of the parts after it are unreliable
    parts.push(part);
  }
  return parts;
}

async function header(name: string, size: number, taken: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name, size, mode: 0o600, mtime: new Date(taken) });
  const { value: bytes } = await tar[Symbol.asyncIterator]().next();
  tar.destroy();
  if (bytes?.length !== block) throw new Error(`the header of ${name} has ${bytes?.length} bytes`);
  return bytes;
}
