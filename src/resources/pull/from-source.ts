import type { InspectedImage } from "../../model/base-identity.ts";
import { compareImageId } from "../../model/image-id.ts";
import { formatReference, type ImageReference, parseReference } from "../../model/image-reference.ts";
import { UserError } from "../../model/user-error.ts";
import type { Engine, EngineTraits } from "../../observe/engine-api.ts";
import type { Options } from "./options.ts";
import { pull } from "./pull.ts";
import { digestsAtRegistry } from "./registry-digests.ts";
import type { Limits } from "./time-limits.ts";

/** A person reads it, one line at a time. */
export type Say = (line: string) => void;

export interface Failure {
  readonly source: ImageReference;
  readonly words: string;
  /** The source answered with another image. */
  readonly isOther: boolean;
}

export interface Run {
  readonly engine: Engine;
  readonly traits: EngineTraits;
  readonly options: Options;
  readonly limits: Limits;
  readonly say: Say;
}

/** Pulls from one source and gives what came its one name; what is not wanted leaves the engine as it was. */
export async function pullFrom(run: Run, source: ImageReference): Promise<InspectedImage | Failure> {
  const { engine, options, say } = run;
  const sourceName = formatReference(source);
  const before = await engine.inspect(sourceName);
  const keptName = await keep(run, before);
  try {
    say(`pulling ${sourceName}`);
    const pulled = await pull(engine, source, { platform: options.platform, limits: run.limits, report: say });
    if ("reason" in pulled) {
      const { words, isOurs } = pulled.reason;
      if (isOurs) throw new UserError(`${sourceName} could not be pulled: ${words}`);
      return { source, words, isOther: false };
    }
    const image = await engine.inspect(sourceName);
    if (image === undefined)
      throw new UserError(`The engine pulled ${sourceName} and does not know it now. Run this again.`);

    const other = await compare(run, source, image, pulled.digest);
    if (other !== undefined && options.onMismatch === "error") {
      await restore(engine, sourceName, before);
      return { source, words: other, isOther: true };
    }
    if (other !== undefined) say(`warning: ${sourceName} ${other}; used all the same, as image.on_id_mismatch says`);
    const isOwn = sourceName === formatReference(parseReference(options.reference));
    if (!isOwn || source.digest !== undefined) await engine.tag(sourceName, options.name);
    if (!isOwn) await restore(engine, sourceName, before);
    say(`${options.name} is there, from ${source.registry}`);
    return image;
  } finally {
    if (keptName !== undefined) await engine.untag(keptName);
  }
}

/** Both ids in words when the image is another one than wanted; undefined when it is the one, or cannot be told. */
async function compare(
  { options: { id, onMismatch }, traits, say }: Run,
  source: ImageReference,
  image: InspectedImage,
  pulled: string | undefined,
): Promise<string | undefined> {
  if (id === undefined || onMismatch === "ignore" || compareImageId(id, image) === "match") return undefined;
  const all = pulled && (await digestsAtRegistry(source, pulled, image, traits.insecureRegistries));
  const comparison = compareImageId(id, image, all || undefined);
  if (comparison === "match") return undefined;
  if (comparison === "mismatch") return `has another image: its id is ${shortId(image.Id)}, wanted is ${id}`;
  say(
    `warning: the image from ${source.registry} has the id ${shortId(image.Id)}, wanted is ${id}: the registry does not ` +
      "tell whether these are two digests of the same image, so it is taken for the one",
  );
  return undefined;
}

/** In containerd's store a pull that moves a name takes the former image away: a second name keeps it for `restore`. */
async function keep({ engine, traits }: Run, image: InspectedImage | undefined): Promise<string | undefined> {
  if (image === undefined || !traits.hasContainerdStore) return undefined;
  const name = `benchbox-kept:${shortId(image.Id)}`;
  await engine.tag(image.Id, name);
  return name;
}

/** Puts a name back to the image that had it before, or away when there was none. */
async function restore(engine: Engine, name: string, before: InspectedImage | undefined): Promise<void> {
  if (before === undefined) await engine.untag(name);
  // A name by digest is always the same image's.
  else if (!name.includes("@")) await engine.tag(before.Id, name);
}

/** As docker shows an id. */
export function shortId(id: string): string {
  return id.replace("sha256:", "").slice(0, 12);
}
