import { inspectImage } from "../../src/resources/verify/engine-image.ts";
import { imageSource } from "../../src/resources/verify/image-source.ts";

/** Where nothing that is not empty may be, but for what is allowed below. */
const forbidden =
  /^(var\/lib\/apt\/lists|var\/cache\/apt|var\/cache\/debconf|var\/log|tmp|var\/tmp|root|run|etc\/ssh|etc\/machine-id$|var\/cache\/ldconfig\/aux-cache$|var\/lib\/dpkg\/[^/]*-old$)/;

/** Packages' own configuration, and debconf's databases, which hold the answers that packages were installed with. */
const allowed = [
  /^etc\/ssh\/(sshd?_config|moduli|sshd?_config\.d\/.*)$/,
  /^root\/\.(bashrc|profile)$/,
  /^var\/cache\/debconf\/(config|templates|passwords)\.dat$/,
];

const privateKey = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/**
 * Lists, caches, logs, keys and temporary files in the layers that an image has beyond its base, each as `layer N: path`.
 * A file that a later layer deletes is in the image all the same, so each layer is read by itself. `bytes` is what all their files have.
 */
export async function layerOffenders(
  reference: string,
  base: string,
): Promise<{ layers: number; bytes: number; offenders: string[] }> {
  const image = await inspectImage(reference);
  const below = new Set((await inspectImage(base)).layers);
  const ofBase = (layer: string): boolean => below.has(layer);
  const source = await imageSource(image);
  let bytes = 0;
  const found: { layer: string; path: string }[] = [];
  const contents = await source.read({
    skip: ofBase,
    visit: async (layer, { path, type, size }, content) => {
      if (type !== "file" || size === 0) return;
      bytes += size;
      if (forbidden.test(path) && !allowed.some((one) => one.test(path))) found.push({ layer, path });
      else if (privateKey.test(await beginningOf(content))) found.push({ layer, path: `${path} (a private key)` });
    },
  });
  const offenders = found.map(({ layer, path }) => `layer ${contents.layers.indexOf(layer) + 1}: ${path}`);
  return { layers: contents.layers.length - below.size, bytes, offenders: offenders.sort() };
}

/** A loop that is left would end the archive with the entry, so only one piece is taken. */
async function beginningOf(content: AsyncIterable<Buffer>): Promise<string> {
  const { value } = await content[Symbol.asyncIterator]().next();
  return value?.toString("latin1", 0, 64) ?? "";
}
