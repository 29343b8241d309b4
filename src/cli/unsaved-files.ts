import { describeUnsaved } from "../model/unsaved-files.ts";
import { observeContainer } from "../observe/box.ts";
import { observeUnsavedFiles } from "../observe/unsaved-files.ts";

/** Describes the files outside volumes that removing the container would lose; empty if there are none, or no container. */
export async function describeUnsavedFiles(name: string): Promise<string> {
  const container = await observeContainer(name);
  if (container === undefined) return "";
  const files = await observeUnsavedFiles(container);
  const kept = [...container.mounted.keys()].filter((path) => !path.startsWith("/tmp/")).sort();
  const unknown =
    "The container will be removed, but the Docker Engine does not report which files are in no volume (docker diff).";
  return files === undefined ? unknown : describeUnsaved(files, kept, "removed");
}
