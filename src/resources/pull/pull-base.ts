#!/usr/bin/env node
import { baseIdentity, type InspectedImage } from "../../model/base-identity.ts";
import { compareImageId } from "../../model/image-id.ts";
import { formatReference } from "../../model/image-reference.ts";
import { UserError } from "../../model/user-error.ts";
import { Engine } from "../../observe/engine-api.ts";
import { runCommand } from "../../process/run-command.ts";
import { type Failure, pullFrom, shortId } from "./from-source.ts";
import { type Options, readOptions } from "./options.ts";
import { say } from "./pull.ts";

// pull-base.ts REFERENCE [--id ID] [--on-mismatch error|warn|ignore] [--platform OS/ARCHITECTURE] [--mirrors FILE] [MIRROR...]:
// pulls the base image of the boxes from the first mirror that has it, and names it REFERENCE, whichever mirror that was. Prints the
// image's identity (see src/model/base-identity.ts) to standard output, and progress to standard error.
//   --id            the image id or repo digest that the image must have
//   --on-mismatch   what to do when the image has a different id (default: error)
//   --mirrors FILE  more mirrors, one per line
//   BENCHBOX_PULL_ANSWER_SECONDS   how long a source may take to answer (default: 10)
//   BENCHBOX_PULL_STALL_SECONDS    how long a download may stall (default: 30)
//   BENCHBOX_PULL_REPORT_SECONDS   the interval between progress lines (default: 5)

/**
 * Ensures that the Docker Engine has the image under its configured name. Pulls it from the first source that has it.
 *
 * @throws UserError that lists every source and why it failed, if no source has the image
 */
async function provideBase(engine: Engine, options: Options): Promise<InspectedImage> {
  const present = await engine.inspect(options.name);
  if (present !== undefined && isWanted(present, options)) {
    say(`${options.name} already exists`);
    return present;
  }
  if (present !== undefined) say(`${options.name} exists, but ${mismatchReason(present, options)}; pulling it`);

  const failures: Failure[] = [];
  for (const source of options.sources) {
    const result = await pullFrom(engine, options, source);
    if (!("words" in result)) return result;
    say(`${formatReference(source)}: ${result.words}`);
    failures.push(result);
  }
  if (present !== undefined && isAcceptable(present, options, failures)) {
    say(
      `warning: no source of ${options.name} could confirm the existing image: its id (${shortId(present.Id)}) and the ` +
        `required id (${options.id}) may be two digests of the same image, or not; using it`,
    );
    return present;
  }
  throw new UserError(
    [
      `pulling ${options.reference} failed:`,
      ...failures.map(({ source, words }) => `  - ${formatReference(source)}: ${words}`),
      "  Fix: check the network and the Docker Engine's proxy (docker info); list registries that you can reach in",
      `  image.mirrors of user_config.yml; or load the image from a file and tag it: docker load, docker tag IMAGE ${options.name}`,
      ...(failures.some(({ isDifferentImage }) => isDifferentImage)
        ? ["  To accept a different image: image.id, or image.on_id_mismatch: warn"]
        : []),
    ].join("\n"),
  );
}

function isWanted(image: InspectedImage, options: Options): boolean {
  if (!isOfPlatform(image, options.platform)) return false;
  if (options.id === undefined || options.onMismatch === "ignore") return true;
  return compareImageId(options.id, image) === "match";
}

/** Whether the existing image may be used although no source has the required one. */
function isAcceptable(image: InspectedImage, options: Options, failures: readonly Failure[]): boolean {
  if (!isOfPlatform(image, options.platform)) return false;
  return options.onMismatch === "warn" || failures.every(({ isDifferentImage }) => !isDifferentImage);
}

function isOfPlatform(image: InspectedImage, platform: string | undefined): boolean {
  return platform === undefined || `${platform}/`.startsWith(`${image.Os}/${image.Architecture}/`);
}

function mismatchReason(image: InspectedImage, { id, platform }: Options): string {
  if (!isOfPlatform(image, platform)) return `it is for ${image.Os}/${image.Architecture}, not for ${platform}`;
  return `its id is ${shortId(image.Id)}, and the Docker Engine does not know it as ${id}`;
}

runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  console.log(baseIdentity(await provideBase(new Engine(), options)));
  return 0;
});
