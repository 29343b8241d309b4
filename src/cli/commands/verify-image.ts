import { verifyImage } from "../../resources/verify/verify-image.ts";
import { createCommand, exitWith } from "../stack-command.ts";

export default createCommand("verify-image")
  .summary("search an image for proxy settings")
  .description(
    "search an image's config, history and every file of its layers, including deleted files, for the environment's proxies and for " +
      "proxy settings with any value",
  )
  .argument("<image>")
  .option("--new-since <image>", "search only the layers and history lines that this base does not have")
  .option("--remove-tag", "remove the tag if something is found")
  .addHelpText(
    "after",
    `
Files in gzip, zstd and xz are searched one level deep, up to 1 GiB each; zip files are not.
Exit code: 0 clean; 1 found something (prints the places, never the values); 2 the image, or a part of it, could not be checked.`,
  )
  .action(exitWith(verifyImage));
