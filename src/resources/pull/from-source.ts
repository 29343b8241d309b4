import type { InspectedImage } from "../../model/base-identity.ts";
import { compareImageId } from "../../model/image-id.ts";
import { formatReference, type ImageReference, parseReference } from "../../model/image-reference.ts";
import { UserError } from "../../model/user-error.ts";
import type { Engine } from "../../observe/engine-api.ts";
import type { Options } from "./options.ts";
import { pull, say } from "./pull.ts";
import { digestsAtRegistry } from "./registry-digests.ts";

export interface Failure {
  readonly source: ImageReference;
  /** The reason, a phrase that follows the source and a colon. */
  readonly words: string;
  /** Whether the source has a different image than the required one. */
  readonly isDifferentImage: boolean;
}

/**
 * Pulls from one source and gives the image its configured name. If the source has a different image, the Docker Engine's images stay as
 * they were.
 *
 * @throws UserError when the cause is on the Docker host, so that every other source would fail the same way
 */
export async function pullFrom(
  engine: Engine,
  options: Options,
  source: ImageReference,
): Promise<InspectedImage | Failure> {
  const sourceName = formatReference(source);
  const before = await engine.inspect(sourceName);
  const keptName = await keep(engine, before);
  try {
    say(`pulling ${sourceName}`);
    const pulled = await pull(engine, source, options);
    if ("reason" in pulled) {
      const { words, isOurs } = pulled.reason;
      if (isOurs) throw new UserError(`pulling ${sourceName} failed: ${words}`);
      return { source, words, isDifferentImage: false };
    }
    const image = await engine.inspect(sourceName);
    if (image === undefined)
      throw new UserError(
        `pulling ${sourceName} failed: the Docker Engine pulled the image but no longer has it\n  Fix: run this again`,
      );

    const mismatch = await compare(engine, options, source, image, pulled.digest);
    if (mismatch !== undefined && options.onMismatch === "error") {
      await restore(engine, sourceName, before);
      return { source, words: mismatch, isDifferentImage: true };
    }
    if (mismatch !== undefined) say(`warning: ${sourceName} ${mismatch}; used anyway (image.on_id_mismatch)`);
    const isOwn = sourceName === formatReference(parseReference(options.reference));
    if (!isOwn || source.digest !== undefined) await engine.tag(sourceName, options.name);
    if (!isOwn) await restore(engine, sourceName, before);
    say(`pulled ${options.name} from ${source.registry}`);
    return image;
  } finally {
    if (keptName !== undefined) await engine.untag(keptName);
  }
}

/** A phrase with both ids if the image differs from the required one; undefined if it does not, or if that cannot be determined. */
async function compare(
  engine: Engine,
  { id, onMismatch }: Options,
  source: ImageReference,
  image: InspectedImage,
  pulled: string | undefined,
): Promise<string | undefined> {
  if (id === undefined || onMismatch === "ignore" || compareImageId(id, image) === "match") return undefined;
  const { insecureRegistries } = await engine.traits();
  const all = pulled && (await digestsAtRegistry(source, pulled, image, insecureRegistries));
  const comparison = compareImageId(id, image, all || undefined);
  if (comparison === "match") return undefined;
  if (comparison === "mismatch") return `has a different image: its id is ${shortId(image.Id)}, required: ${id}`;
  say(
    `warning: the image from ${source.registry} has the id ${shortId(image.Id)}, required: ${id}; the registry does not ` +
      "report whether these are two digests of the same image, so it is accepted",
  );
  return undefined;
}

/** In containerd's store, a pull that moves a name removes the former image. A second name keeps that image for `restore`. */
async function keep(engine: Engine, image: InspectedImage | undefined): Promise<string | undefined> {
  if (image === undefined || !(await engine.traits()).hasContainerdStore) return undefined;
  const name = `benchbox-kept:${shortId(image.Id)}`;
  await engine.tag(image.Id, name);
  return name;
}

/** Points a name back to its former image, or removes the name if there was none. */
async function restore(engine: Engine, name: string, before: InspectedImage | undefined): Promise<void> {
  if (before === undefined) await engine.untag(name);
  // A name with a digest always means the same image.
  else if (!name.includes("@")) await engine.tag(before.Id, name);
}

/** The short form of an id that the docker client shows: 12 digits. */
export function shortId(id: string): string {
  return id.replace("sha256:", "").slice(0, 12);
}
