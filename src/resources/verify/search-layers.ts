import type { Entry } from "./archive.ts";
import { Unpacking } from "./compressed.ts";
import type { Search } from "./finder.ts";
import { settingsReader } from "./settings.ts";
import type { ImageContents, ImageSource } from "./source.ts";

/** Something of a proxy in a layer. */
export interface LayerFinding {
  readonly layer: string;
  readonly path: string;
  /** What it is, without its value. */
  readonly what: string;
  /** A value in the file's bytes; not a setting, and not in its name. */
  readonly isBytes: boolean;
  /** See `Needle`. */
  readonly isCommon: boolean;
}

export interface SearchedLayers {
  readonly contents: ImageContents;
  readonly findings: readonly LayerFinding[];
  /** What was read, by layer. Layers of other platforms may be among them. */
  readonly amounts: ReadonlyMap<string, Amount>;
}

export interface Amount {
  files: number;
  bytes: number;
}

/** Files up to this size, in bytes, are looked at as settings. */
const smallFile = 4 << 20;

/** Searches names, link targets and contents of every file of the layers, also those that a layer above deletes. */
export async function searchLayers(
  source: ImageSource,
  startSearch: () => Search,
  skip: (layer: string) => boolean,
): Promise<SearchedLayers> {
  const findings: LayerFinding[] = [];
  const amounts = new Map<string, Amount>();
  const contents = await source.read({
    skip,
    visit: async (layer, entry, content) => {
      const amount = amounts.get(layer) ?? { files: 0, bytes: 0 };
      amounts.set(layer, amount);
      if (entry.type !== "directory") amount.files++;
      amount.bytes += entry.size;
      for (const found of await searchEntry(entry, content, startSearch)) {
        findings.push({ layer, path: entry.path, ...found });
      }
    },
  });
  return { contents, findings, amounts };
}

type Found = Pick<LayerFinding, "what" | "isBytes" | "isCommon">;

async function searchEntry(
  { path, link, size }: Entry,
  content: AsyncIterable<Buffer>,
  startSearch: () => Search,
): Promise<Found[]> {
  const found = inText(path, startSearch, " in its name");
  if (link !== undefined) found.push(...inText(link, startSearch, " in the target of the link"));
  if (size === 0) return found;

  const readSettings = size <= smallFile ? settingsReader(path) : undefined;
  const kept: Buffer[] = [];
  const search = startSearch();
  let unpacking: Unpacking | undefined;
  let isFirst = true;
  for await (const piece of content) {
    search.add(piece);
    if (readSettings !== undefined) kept.push(piece);
    if (isFirst) unpacking = Unpacking.start(piece, startSearch);
    isFirst = false;
    await unpacking?.add(piece);
  }
  for (const { what, isCommon } of search.end()) found.push({ what, isCommon, isBytes: true });
  if (readSettings !== undefined) {
    for (const { name, line } of readSettings(Buffer.concat(kept).toString())) {
      found.push({ what: `sets ${name} (line ${line})`, isBytes: false, isCommon: false });
    }
  }
  if (unpacking !== undefined) {
    for (const { what, isCommon } of await unpacking.end()) {
      found.push({ what: `${what}, ${unpacking.how}`, isCommon, isBytes: true });
    }
  }
  return found;
}

function inText(text: string, startSearch: () => Search, where: string): Found[] {
  const search = startSearch();
  search.add(Buffer.from(text));
  return [...search.end()].map(({ what }) => ({ what: what + where, isBytes: false, isCommon: false }));
}
