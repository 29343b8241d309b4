import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { UserError } from "../../model/user-error.ts";
import { type Manifest, manifestName, partName } from "./manifest.ts";

/**
 * Reads a whole backup and verifies the checksum of each part.
 *
 * @throws UserError for a missing, incomplete or damaged file
 */
export async function verifyArchive(file: string, onBytes: (count: number) => void): Promise<Manifest> {
  if (!existsSync(file)) throw new UserError(`the file ${file} does not exist`);
  const found = new Map<string, string>();
  let manifest: Manifest | undefined;
  await forEachFile(file, async (name, content) => {
    if (name === manifestName) {
      let text = "";
      for await (const piece of content) text += piece;
      manifest = JSON.parse(text);
      return;
    }
    const hash = createHash("sha256");
    for await (const piece of content as AsyncIterable<Buffer>) {
      hash.update(piece);
      onBytes(piece.length);
    }
    found.set(name, hash.digest("hex"));
  });
  if (manifest?.format !== 1)
    throw new UserError(`${file} is not a complete backup: it has no ${manifestName} that this version supports`);
  const wrong = manifest.parts.filter(({ key, sha256 }) => found.get(partName(key)) !== sha256);
  if (wrong.length > 0) {
    throw new UserError(`${file} is damaged: checksum mismatch in ${wrong.map(({ key }) => partName(key)).join(", ")}`);
  }
  return manifest;
}

/**
 * Visits the files of a tar archive, in order.
 *
 * @throws UserError for an invalid archive
 */
export async function forEachFile(
  file: string,
  visit: (name: string, content: Readable) => Promise<void>,
): Promise<void> {
  const entries = extract();
  const reading = pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), entries);
  const visiting = (async () => {
    for await (const entry of entries) {
      await visit(entry.header.name, entry as unknown as Readable);
      entry.resume();
    }
  })();
  try {
    await Promise.all([reading, visiting]);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} is not a valid tar archive: ${(error as Error).message}`);
  }
}
