import type { Entry } from "./archive.ts";

/** What an image is, once it was read. */
export interface ImageContents {
  /** The image's config as the engine keeps it: JSON. */
  readonly config: string;
  /** The layers' keys from the lowest to the topmost; a layer that is there twice has one key. */
  readonly layers: readonly string[];
  /** What else the engine keeps with the image, by name: manifests, and the records that a build attaches. */
  readonly documents: ReadonlyMap<string, string>;
}

export interface Reading {
  /** Says of a layer's key whether it need not be read. Those of other layers may be read all the same. */
  readonly skip?: (layer: string) => boolean;
  /** The only paths that are needed, folders with all that is in them. Other ones may be given all the same. */
  readonly only?: readonly string[];
  readonly visit: (layer: string, entry: Entry, content: AsyncIterable<Buffer>) => Promise<void>;
}

/** A way to read an image from the engine. It can be read more than once. */
export interface ImageSource {
  /** In words, for the report. */
  readonly way: string;
  /** Fails with `CannotCheck` when not all of it could be read. */
  read(reading: Reading): Promise<ImageContents>;
}
