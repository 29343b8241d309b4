import { execFileSync } from "node:child_process";

/** The type, mode and owner of each file and folder of an image, by path. @example "d 755 0:0" */
export function fileModes(reference: string): ReadonlyMap<string, string> {
  const find = ["--entrypoint", "find", reference, "/", "-xdev", "-printf", "%y %m %U:%G %p\\n"];
  const words = ["run", "--rm", "--network=none", ...find];
  const list = execFileSync("docker", words, { encoding: "utf8", maxBuffer: 64 << 20 }); // tens of thousands of lines
  return new Map(
    list
      .trimEnd()
      .split("\n")
      .map((line) => {
        const [kind, mode, owner, ...path] = line.split(" ");
        return [path.join(" "), `${kind} ${mode} ${owner}`];
      }),
  );
}

/** Folders of both images whose mode or owner differs. @example "/etc: d 755 0:0 -> d 644 0:0" */
export function changedFolders(base: ReadonlyMap<string, string>, image: ReadonlyMap<string, string>): string[] {
  return [...base].flatMap(([path, before]) => {
    const after = image.get(path);
    return before.startsWith("d") && after !== undefined && after !== before ? [`${path}: ${before} -> ${after}`] : [];
  });
}
