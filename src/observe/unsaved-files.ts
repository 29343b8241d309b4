import { readDiff, type UnsavedFile } from "../model/unsaved-files.ts";
import type { BoxContainer } from "./box-observation.ts";
import { docker } from "./docker.ts";

/** The files that a replacement of the container would lose; undefined when the Docker Engine does not answer. */
export async function observeUnsavedFiles(container: BoxContainer): Promise<UnsavedFile[] | undefined> {
  const diff = await docker(["diff", container.id]);
  if (!diff.ok) return undefined;
  const paths = readDiff(diff.stdout, [...container.mounted.keys()]);
  if (!container.isRunning || paths.length === 0) return paths.map((path) => ({ path }));
  // A path with a line break looks like two paths here; stat prints nothing for paths that do not exist.
  const words = ["exec", "--interactive", "--user", "0", container.id];
  const stat = ["xargs", "--delimiter=\\n", "stat", "--format=%F\t%s\t%n", "--"];
  const { stdout } = await docker([...words, ...stat], { stdin: paths.join("\n") });
  const files = stdout.split("\n").flatMap((line) => {
    const [kind, size, path] = line.split("\t");
    return path === undefined || kind === "directory" ? [] : [{ path, bytes: Number(size) }];
  });
  return files.length > 0 ? files : paths.map((path) => ({ path }));
}
