import type { Environment } from "../../model/proxy.ts";
import { contentStore } from "./content-store.ts";
import { historyLength, type InspectedImage, inspectImage } from "./engine-image.ts";
import { makeFinder } from "./finder.ts";
import { layerFolders } from "./layer-folders.ts";
import { distinctiveNoProxy, needlesOf } from "./needles.ts";
import { findPackaged } from "./packaged-files.ts";
import { savedImage } from "./saved-image.ts";
import { type ConfigFinding, type HistoryLine, type ImageConfig, searchConfig, searchText } from "./search-config.ts";
import { type LayerFinding, searchLayers } from "./search-layers.ts";
import { ImageCheckError, type ImageSource } from "./source.ts";

export interface CheckOptions {
  /** A base image, whose layers and history lines are not searched. */
  readonly newSince: string | undefined;
  /** Reads the image with `docker save`, even if the Docker Engine's files are readable. */
  readonly slowly: boolean;
}

export interface LayerReport {
  /** 1 for the lowest layer of the image; 0 for a layer of another platform. */
  readonly number: number;
  readonly digest: string;
  /** Undefined if the image's history does not match its layers. */
  readonly history: HistoryLine | undefined;
  readonly findings: readonly LayerFinding[];
}

/** The result of a search: what was searched, and what was found. */
export interface Report {
  /** The source that the image was read from, as a phrase. */
  readonly way: string;
  readonly config: readonly ConfigFinding[];
  readonly history: readonly HistoryLine[];
  /** The layers that have findings. */
  readonly layers: readonly LayerReport[];
  readonly searched: {
    readonly historyLines: number;
    readonly layers: number;
    readonly files: number;
    readonly bytes: number;
  };
  /** Number of files with findings that are unchanged files of a package; see `findPackaged`. */
  readonly packagedFiles: number;
  /** Whether `newSince` is not a base of the image, so that more than expected was searched. */
  readonly notBuiltOnBase: boolean;
}

/**
 * Searches an image for the environment's proxies and for settings of any proxy.
 *
 * @throws ImageCheckError when the image, or a part of it, could not be read
 */
export async function checkImage(reference: string, environment: Environment, options: CheckOptions): Promise<Report> {
  const image = await inspectImage(reference);
  const base = options.newSince === undefined ? undefined : await inspectImage(options.newSince);
  const shared = base === undefined ? 0 : sharedLayers(image, base);
  const isBuiltOnBase = base !== undefined && shared === base.layers.length;
  const source = options.slowly ? savedImage(image) : await imageSource(image);
  const startSearch = makeFinder(needlesOf(environment));

  const known = new Set(image.layers.slice(0, shared));
  const { contents, layers } = await searchLayers(source, startSearch, (layer) => known.has(layer));
  if (contents.layers.length !== image.layers.length) {
    throw new ImageCheckError(
      `the Docker Engine reports ${image.layers.length} layers but delivered ${contents.layers.length}`,
    );
  }
  // Excludes the layers of the base. Layers of another platform are in neither list, so they count.
  for (const layer of contents.layers.slice(0, shared)) layers.delete(layer);
  const searched = [...layers.values()];
  const packaged = await findPackaged(
    source,
    searched.flatMap(({ findings }) => findings),
  );

  const config = JSON.parse(contents.config) as ImageConfig;
  const history = config.history ?? [];
  const historyLines = isBuiltOnBase ? await historyLength(base.reference) : 0;
  const inherited = { environment: base?.environment ?? [], historyLines };
  const documents = [...contents.documents].flatMap(([place, text]) =>
    [...searchText(text, startSearch)].map(({ what }) => ({ place, what })),
  );
  const makers = history.filter(({ empty_layer }) => !empty_layer);
  return {
    way: source.way,
    config: [...searchConfig(config, startSearch, distinctiveNoProxy(environment), inherited), ...documents],
    history,
    layers: [...layers].flatMap(([key, { findings }]) => {
      const real = findings.filter((finding) => !packaged.has(finding));
      if (real.length === 0) return [];
      const at = contents.layers.indexOf(key);
      const maker = makers.length === contents.layers.length ? makers[at] : undefined;
      return [{ number: at + 1, digest: image.layers[at] ?? key, history: maker, findings: real }];
    }),
    searched: {
      historyLines: history.length - historyLines,
      layers: image.layers.length - shared,
      files: searched.reduce((sum, { files }) => sum + files, 0),
      bytes: searched.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    packagedFiles: new Set([...packaged].map(({ layer, path }) => `${layer}\0${path}`)).size,
    notBuiltOnBase: base !== undefined && !isBuiltOnBase,
  };
}

/** The fastest available source of an image. */
export const imageSource = async (image: InspectedImage): Promise<ImageSource> =>
  (await layerFolders(image)) ?? (await contentStore(image)) ?? savedImage(image);

function sharedLayers(image: InspectedImage, base: InspectedImage): number {
  const differs = base.layers.findIndex((layer, at) => layer !== image.layers[at]);
  return differs < 0 ? base.layers.length : differs;
}
