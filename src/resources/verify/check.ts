import type { Environment } from "../../model/proxy.ts";
import { historyLength, type InspectedImage, inspectImage } from "./engine-image.ts";
import { makeFinder } from "./finder.ts";
import { ImageCheckError } from "./image-check-error.ts";
import { imageSource } from "./image-source.ts";
import { distinctiveNoProxy, needlesOf } from "./needles.ts";
import { findPackaged } from "./packaged-files.ts";
import { type ConfigFinding, type HistoryLine, type ImageConfig, searchConfig, searchText } from "./search-config.ts";
import { type LayerFinding, searchLayers } from "./search-layers.ts";

export interface CheckOptions {
  /** A base image, whose layers and history lines are not searched. */
  readonly newSince?: string;
  /** Reads the image with `docker save`, even if the Docker Engine's files are readable. @default false */
  readonly slowly?: boolean;
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
  const source = await imageSource(image, options.slowly);
  const startSearch = makeFinder(needlesOf(environment));

  const known = new Set(image.layers.slice(0, shared));
  const { contents, findings, amounts } = await searchLayers(source, startSearch, (layer) => known.has(layer));
  if (contents.layers.length !== image.layers.length) {
    throw new ImageCheckError(
      `the Docker Engine reports ${image.layers.length} layers but delivered ${contents.layers.length}`,
    );
  }
  // Excludes the layers of the base. Layers of another platform are in neither list, so they count.
  const ofBase = new Set(contents.layers.slice(0, shared));
  const ours = findings.filter(({ layer }) => !ofBase.has(layer));
  const packaged = await findPackaged(source, ours);
  const real = ours.filter((finding) => !packaged.has(finding));

  const config = JSON.parse(contents.config) as ImageConfig;
  const historyLines = isBuiltOnBase ? await historyLength(base.reference) : 0;
  const documents = [...contents.documents].flatMap(([place, text]) =>
    searchText(text, startSearch).map((what) => ({ place, what })),
  );
  const counted = [...amounts].filter(([layer]) => !ofBase.has(layer)).map(([, amount]) => amount);
  return {
    way: source.way,
    config: [
      ...searchConfig(config, {
        startSearch,
        noProxy: distinctiveNoProxy(environment),
        base: { environment: base?.environment ?? [], historyLines },
      }),
      ...documents,
    ],
    history: config.history ?? [],
    layers: reportLayers(image, contents.layers, config.history ?? [], real),
    searched: {
      historyLines: (config.history?.length ?? 0) - historyLines,
      layers: image.layers.length - shared,
      files: counted.reduce((sum, { files }) => sum + files, 0),
      bytes: counted.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    packagedFiles: new Set([...packaged].map(({ layer, path }) => `${layer}\0${path}`)).size,
    notBuiltOnBase: base !== undefined && !isBuiltOnBase,
  };
}

function sharedLayers(image: InspectedImage, base: InspectedImage): number {
  const differs = base.layers.findIndex((layer, at) => layer !== image.layers[at]);
  return differs < 0 ? base.layers.length : differs;
}

function reportLayers(
  image: InspectedImage,
  keys: readonly string[],
  history: readonly HistoryLine[],
  findings: readonly LayerFinding[],
): LayerReport[] {
  const makers = history.filter(({ empty_layer }) => !empty_layer);
  const withFindings = new Set(findings.map(({ layer }) => layer));
  return [...withFindings].map((key) => {
    const at = keys.indexOf(key);
    return {
      number: at + 1,
      digest: image.layers[at] ?? key,
      history: makers.length === keys.length ? makers[at] : undefined,
      findings: findings.filter(({ layer }) => layer === key),
    };
  });
}
