import { Command } from "commander";
import { verifyImage } from "../../resources/verify/verify-image.ts";
import { exitWith } from "../stack-command.ts";

export default new Command("verify-image")
  .summary("search an image for proxy settings")
  .description(
    "search an image's config, history and every file of its layers, deleted ones included, for the environment's proxies and for proxy settings of any value",
  )
  .argument("<image>")
  .option("--new-since <image>", "search only the layers and history lines that this base does not have")
  .option("--remove-tag", "remove the tag when something is found")
  .addHelpText(
    "after",
    `
Files in gzip, zstd and xz are searched one level deep, up to 1 GiB each; zip files are not.
Exit code: 0 clean; 1 found, with the places, never with the value; 2 the image could not be searched.`,
  )
  .action(
    exitWith((image: string, { newSince, removeTag }: { newSince?: string; removeTag?: boolean }) =>
      verifyImage([
        image,
        ...(newSince === undefined ? [] : ["--new-since", newSince]),
        ...(removeTag ? ["--remove-tag"] : []),
      ]),
    ),
  );
