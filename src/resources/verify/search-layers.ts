import type { Entry } from "./archive.ts";
import { type CompressedSearch, formatOf, searchCompressed } from "./compressed.ts";
import type { Search } from "./finder.ts";
import type { Needle } from "./needles.ts";
import { searchText } from "./search-config.ts";
import { settingsReader } from "./settings.ts";
import type { ImageSource } from "./source.ts";

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

/** In bytes; larger files are not searched for settings. */
const smallFile = 4 << 20;

/**
 * Searches the names, link targets and contents of all files in the layers, including files that a higher layer deletes.
 *
 * @returns `layers`: what was read and found, by layer, which may include layers of other platforms
 */
export async function searchLayers(source: ImageSource, startSearch: () => Search, skip: (layer: string) => boolean) {
  const layers = new Map<string, { files: number; bytes: number; findings: LayerFinding[] }>();
  const contents = await source.read({
    skip,
    visit: async (layer, entry, content) => {
      const seen = layers.get(layer) ?? { files: 0, bytes: 0, findings: [] };
      layers.set(layer, seen);
      if (entry.type !== "directory") seen.files++;
      seen.bytes += entry.size;
      for (const found of await searchEntry(entry, content, startSearch)) {
        seen.findings.push({ layer, path: entry.path, ...found });
      }
    },
  });
  return { contents, layers };
}

type Found = Pick<LayerFinding, "what" | "isBytes" | "isCommon">;

async function searchEntry(
  { path, link, size }: Entry,
  content: AsyncIterable<Buffer>,
  startSearch: () => Search,
): Promise<Found[]> {
  const found: Found[] = [];
  const addText = (text = "", where: string): void => {
    for (const { what } of searchText(text, startSearch))
      found.push({ what: what + where, isBytes: false, isCommon: false });
  };
  const addBytes = (needles: Set<Needle>, where: string): void => {
    for (const { what, isCommon } of needles) found.push({ what: what + where, isBytes: true, isCommon });
  };
  addText(path, " in its name");
  addText(link, " in its link target");
  if (size === 0) return found;

  const readSettings = size <= smallFile ? settingsReader(path) : undefined;
  const kept: Buffer[] = [];
  const search = startSearch();
  let format: ReturnType<typeof formatOf>;
  let compressed: CompressedSearch | undefined;
  let isFirst = true;
  for await (const piece of content) {
    search.add(piece);
    if (readSettings !== undefined) kept.push(piece);
    if (isFirst) format = formatOf(piece);
    if (isFirst && format !== undefined) compressed = searchCompressed(format, startSearch());
    isFirst = false;
    await compressed?.add(piece);
  }
  addBytes(search.end(), "");
  for (const { name, line } of readSettings?.(Buffer.concat(kept).toString()) ?? []) {
    found.push({ what: `sets ${name} (line ${line})`, isBytes: false, isCommon: false });
  }
  if (compressed !== undefined) addBytes(await compressed.end(), `, in ${format?.name}`);
  return found;
}
