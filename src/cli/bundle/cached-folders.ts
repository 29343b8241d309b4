/**
 * What set-up downloaded or built, as far as it is in its own cache: a Pulumi or a Node of the user's is not ours to hand on.
 *
 * @param toolchain the text of `.state/toolchain.sh`, which names each program that set-up found
 * @param cache the folder of set-up's cache
 * @returns folders to bundle, relative to the cache
 */
export function cachedFolders(toolchain: string, cache: string): string[] {
  const paths = [...toolchain.matchAll(/^# path (.+)$/gm)].map(([, path = ""]) => path);
  const inCache = paths.filter((path) => path.startsWith(`${cache}/`)).map((path) => path.slice(cache.length + 1));
  return [...new Set(inCache.map(wholeFolder))].sort();
}

/** The folder that a program works from: one version of one thing. */
function wholeFolder(path: string): string {
  const parts = path.split("/");
  const isShared = parts[0] === "built" || parts[0]?.startsWith("pulumi-home-");
  return parts.slice(0, isShared ? 2 : 1).join("/");
}
