import { imageSource } from "../../src/resources/verify/check.ts";
import { inspectImage } from "../../src/resources/verify/engine-image.ts";

/** Paths at which only empty files may exist, except those allowed below. */
const forbidden =
  /^(var\/lib\/apt\/lists|var\/cache\/apt|var\/cache\/debconf|var\/log|tmp|var\/tmp|root|run|etc\/ssh|etc\/machine-id$|var\/cache\/ldconfig\/aux-cache$|var\/lib\/dpkg\/[^/]*-old$)/;

/** Configuration files of packages, and debconf's databases with the answers that packages were installed with. */
const allowed = [
  /^etc\/ssh\/(sshd?_config|moduli|sshd?_config\.d\/.*)$/,
  /^root\/\.(bashrc|profile)$/,
  /^var\/cache\/debconf\/(config|templates|passwords)\.dat$/,
];

const privateKey = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/**
 * Package lists, caches, logs, keys and temporary files in the layers that an image adds to its base, each as `layer N: path`. Reads each
 * layer by itself, since a file that a later layer deletes is still in the image. `bytes` is the size of all files in these layers.
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

/** Reads only one piece: leaving a loop over the entry would end the whole archive. */
async function beginningOf(content: AsyncIterable<Buffer>): Promise<string> {
  const { value } = await content[Symbol.asyncIterator]().next();
  return value?.toString("latin1", 0, 64) ?? "";
}
