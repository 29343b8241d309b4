import type { Entry } from "./archive.ts";
import { CompressedSearch } from "./compressed.ts";
import type { Search } from "./finder.ts";
import { settingsReader } from "./settings.ts";
import type { ImageContents, ImageSource } from "./source.ts";

/** A trace of a proxy in a layer. */
export interface LayerFinding {
  readonly layer: string;
  readonly path: string;
  /** A description without the value. */
  readonly what: string;
  /** Whether it is a value in the file's content, not a setting and not in the file's name. */
  readonly isBytes: boolean;
  /** See `Needle`. */
  readonly isCommon: boolean;
}

export interface SearchedLayers {
  readonly contents: ImageContents;
  readonly findings: readonly LayerFinding[];
  /** The amount read, by layer, which may include layers of other platforms. */
  readonly amounts: ReadonlyMap<string, Amount>;
}

export interface Amount {
  files: number;
  bytes: number;
}

/** In bytes; larger files are not searched for settings. */
const smallFile = 4 << 20;

/** Searches the names, link targets and contents of all files in the layers, including files that a higher layer deletes. */
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
  if (link !== undefined) found.push(...inText(link, startSearch, " in its link target"));
  if (size === 0) return found;

  const readSettings = size <= smallFile ? settingsReader(path) : undefined;
  const kept: Buffer[] = [];
  const search = startSearch();
  let compressed: CompressedSearch | undefined;
  let isFirst = true;
  for await (const piece of content) {
    search.add(piece);
    if (readSettings !== undefined) kept.push(piece);
    if (isFirst) compressed = CompressedSearch.start(piece, startSearch);
    isFirst = false;
    await compressed?.add(piece);
  }
  for (const { what, isCommon } of search.end()) found.push({ what, isCommon, isBytes: true });
  if (readSettings !== undefined) {
    for (const { name, line } of readSettings(Buffer.concat(kept).toString())) {
      found.push({ what: `sets ${name} (line ${line})`, isBytes: false, isCommon: false });
    }
  }
  if (compressed !== undefined) {
    for (const { what, isCommon } of await compressed.end()) {
      found.push({ what: `${what}, in ${compressed.format}`, isCommon, isBytes: true });
    }
  }
  return found;
}

function inText(text: string, startSearch: () => Search, where: string): Found[] {
  const search = startSearch();
  search.add(Buffer.from(text));
  return [...search.end()].map(({ what }) => ({ what: what + where, isBytes: false, isCommon: false }));
}
