/** A device file of the Docker host, a folder of such files, or a pattern (`/dev/video*`). */
export interface Device {
  readonly path: string;
  /** Letters of `rwm`: read, write, mknod. */
  readonly permissions: string;
}

/** Whether a path stands for the device files that match it. */
export const isPattern = (path: string): boolean => /[*?[]/.test(path);

/** Whether one part of a path matches the same part of a pattern, as in a shell: `*` and `?` match no leading dot. */
export function matchesPart(name: string, pattern: string): boolean {
  const source = pattern.replace(/\[!?[^\]]*\]|[*?]|[^\w]/g, (part) => {
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.length > 1 ? part.replace(/^\[!/, "[^") : `\\${part}`;
  });
  return new RegExp(`^(?!\\.)${source}$`).test(name);
}

export function matchesPattern(path: string, pattern: string): boolean {
  const [parts, patterns] = [path.split("/").slice(1), pattern.split("/").slice(1)];
  return parts.length === patterns.length && patterns.every((one, index) => matchesPart(parts[index] ?? "", one));
}
