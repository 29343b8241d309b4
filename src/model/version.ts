// The package `semver` cannot be used here: set-up (src/toolchain) compares versions before `npm ci` has installed any package.

/** The first x.y or x.y.z in a text such as `go1.26.8`, `v3.259.0-dev` or `24.21.0`, as numbers. */
export function versionIn(text: string): number[] | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/** Whether the version in `text` is `minimum` or later. */
export function isAtLeast(text: string, minimum: string): boolean {
  const found = versionIn(text);
  const needed = versionIn(minimum);
  if (!found || !needed) return false;
  for (const [index, number] of needed.entries()) {
    const difference = (found[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
