/**
 * The folders in set-up's cache that a bundle needs. Programs outside the cache, such as the user's own Pulumi or Node.js, are not bundled.
 *
 * @param toolchain the text of `.state/toolchain.sh`, which lists each program that set-up found
 * @param cache the folder of set-up's cache
 * @returns paths relative to the cache
 */
export function cachedFolders(toolchain: string, cache: string): string[] {
  const paths = [...toolchain.matchAll(/^# path (.+)$/gm)].map(([, path = ""]) => path);
  const inCache = paths.filter((path) => path.startsWith(`${cache}/`)).map((path) => path.slice(cache.length + 1));
  return [...new Set(inCache.map(wholeFolder))].sort();
}

/** The folder with everything that a program needs: one version of one program. */
function wholeFolder(path: string): string {
  const parts = path.split("/");
  const isShared = parts[0] === "built" || parts[0]?.startsWith("pulumi-home-");
  return parts.slice(0, isShared ? 2 : 1).join("/");
}
