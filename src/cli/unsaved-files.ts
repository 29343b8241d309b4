import { describeUnsaved } from "../model/unsaved-files.ts";
import { observeContainer } from "../observe/box.ts";
import { observeUnsavedFiles } from "../observe/unsaved-files.ts";
import { runCommand } from "../process/run-command.ts";

// unsaved-files.ts CONTAINER: says what is in no volume and would be lost if the container were removed; nothing when there is
// nothing of the kind, or no container.

runCommand(async () => {
  const container = await observeContainer(process.argv[2] ?? "");
  if (container === undefined) return 0;
  const files = await observeUnsavedFiles(container);
  const kept = [...container.mounted.keys()].filter((path) => !path.startsWith("/tmp/")).sort();
  const unknown =
    "The container will be removed, and the engine does not say what in it is in no volume (docker diff).";
  const text = files === undefined ? unknown : describeUnsaved(files, kept, "removed");
  if (text !== "") console.log(text);
  return 0;
});
