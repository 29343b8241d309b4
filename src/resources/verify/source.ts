import { UserError } from "../../model/user-error.ts";
import type { Entry } from "./archive.ts";

/** The image, or a part of it, could not be checked, so it is neither clean nor not. */
export class ImageCheckError extends UserError {}

/** The contents of an image except its layers' files, known after reading it. */
export interface ImageContents {
  /** The image's config as the Docker Engine stores it: JSON. */
  readonly config: string;
  /** The layers' keys from the lowest to the topmost; a layer that occurs twice has one key. */
  readonly layers: readonly string[];
  /** Other documents that the Docker Engine stores with the image, by name: manifests, and a build's attestations. */
  readonly documents: ReadonlyMap<string, string>;
}

export interface Reading {
  /** Whether the layer with this key need not be read. A source may read it all the same. */
  readonly skip?: (layer: string) => boolean;
  /** The only paths that are needed; a folder includes its contents. A source may visit others all the same. */
  readonly only?: readonly string[];
  readonly visit: (layer: string, entry: Entry, content: AsyncIterable<Buffer>) => Promise<void>;
}

/** Reads an image from the Docker Engine, any number of times. */
export interface ImageSource {
  /** A phrase for the report that names the source. */
  readonly way: string;
  /** @throws ImageCheckError when a part of the image could not be read */
  read(reading: Reading): Promise<ImageContents>;
}
