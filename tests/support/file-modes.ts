import { docker } from "./clone.ts";

/** `d 755 0:0` by path: kind, mode and owner of each file and folder of an image. */
export function fileModes(reference: string): ReadonlyMap<string, string> {
  const words = ["run", "--rm", "--network=none", "--entrypoint", "find", reference];
  const list = docker(...words, "/", "-xdev", "-printf", "%y %m %U:%G %p\\n");
  return new Map(
    list.split("\n").map((line) => {
      const [kind, mode, owner, ...path] = line.split(" ");
      return [path.join(" "), `${kind} ${mode} ${owner}`];
    }),
  );
}

/** Folders that are in both and have another mode or owner in the second one, as `/etc: d 755 0:0 -> d 644 0:0`. */
export function changedFolders(base: ReadonlyMap<string, string>, image: ReadonlyMap<string, string>): string[] {
  return [...base].flatMap(([path, before]) => {
    const after = image.get(path);
    return before.startsWith("d") && after !== undefined && after !== before ? [`${path}: ${before} -> ${after}`] : [];
  });
}
