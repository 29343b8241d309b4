import { describeUnsaved } from "../model/unsaved-files.ts";
import { observeContainer } from "../observe/box.ts";
import { observeUnsavedFiles } from "../observe/unsaved-files.ts";

/** What is in no volume and would be lost if the container were removed; empty when there is nothing of the kind, or no container. */
export async function describeUnsavedFiles(name: string): Promise<string> {
  const container = await observeContainer(name);
  if (container === undefined) return "";
  const files = await observeUnsavedFiles(container);
  const kept = [...container.mounted.keys()].filter((path) => !path.startsWith("/tmp/")).sort();
  const unknown =
    "The container will be removed, and the Docker Engine does not report what in it is in no volume (docker diff).";
  return files === undefined ? unknown : describeUnsaved(files, kept, "removed");
}
