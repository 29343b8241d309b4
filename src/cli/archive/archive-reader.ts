import { createReadStream, existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { UserError } from "../../model/user-error.ts";
import { sha256Of } from "../sha256.ts";
import { withProgress } from "./progress.ts";

/** The contents of a backup. It is the archive's last file, so an archive without it is incomplete. */
export interface Manifest {
  readonly format: 1;
  /** Name of the backed-up box. */
  readonly box: string;
  readonly parts: readonly PartRecord[];
}

export interface PartRecord {
  /** Short name, for example `home-peid`; its file is `home-peid.tar`. */
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  /** When it was read, in ISO 8601. */
  readonly taken: string;
}

export const manifestName = "benchbox-backup.json";
export const partName = (key: string): string => `${key}.tar`;

/**
 * Reads a whole backup and verifies the checksum of each part.
 *
 * @throws UserError for a missing, incomplete or damaged file
 */
export async function verifyArchive(file: string): Promise<Manifest> {
  if (!existsSync(file)) throw new UserError(`the file ${file} does not exist`);
  const found = new Map<string, string>();
  let manifest: Manifest | undefined;
  const bytes = withProgress(`checking ${file}`, read(file));
  await forEachFile(
    file,
    async (name, content) => {
      if (name === manifestName) manifest = (await json(content)) as Manifest;
      else found.set(name, await sha256Of(content));
    },
    bytes,
  );
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
  bytes: AsyncIterable<Buffer> = read(file),
): Promise<void> {
  const entries = extract();
  const visiting = (async () => {
    for await (const entry of entries) {
      await visit(entry.header.name, entry as unknown as Readable);
      entry.resume();
    }
  })();
  try {
    await Promise.all([pipeline(bytes, entries), visiting]);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} is not a valid tar archive: ${(error as Error).message}`);
  }
}

const read = (file: string): Readable => createReadStream(file, { highWaterMark: 1 << 20 });
