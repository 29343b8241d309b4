import type { InspectedImage } from "../../model/base-identity.ts";
import { compareImageId } from "../../model/image-id.ts";
import { formatReference } from "../../model/image-reference.ts";
import { UserError } from "../../model/user-error.ts";
import type { Engine } from "../../observe/engine-api.ts";
import { type Failure, pullFrom, type Say, shortId } from "./from-source.ts";
import type { Options } from "./options.ts";
import type { Limits } from "./time-limits.ts";

/**
 * Makes sure that the image is on the engine under its one name, pulling it from the first source that has it.
 *
 * @throws UserError that lists every source with its reason when none had it.
 */
export async function provideBase(engine: Engine, options: Options, limits: Limits, say: Say): Promise<InspectedImage> {
  const present = await engine.inspect(options.name);
  if (present !== undefined && isWanted(present, options)) {
    say(`${options.name} is already there`);
    return present;
  }
  if (present !== undefined) say(`${options.name} is there, but ${whyNot(present, options)}; pulling it`);

  const traits = await engine.traits();
  const failures: Failure[] = [];
  for (const source of options.sources) {
    const answer = await pullFrom({ engine, traits, options, limits, say }, source);
    if (!("words" in answer)) return answer;
    say(`${formatReference(source)}: ${answer.words}`);
    failures.push(answer);
  }
  if (present !== undefined && mayStay(present, options, failures)) {
    say(
      `warning: no source of ${options.name} answers for the image that is there, so it could not be told whether its id ` +
        `(${shortId(present.Id)}) and the wanted one (${options.id}) are two digests of the same image; going on with it`,
    );
    return present;
  }
  throw new UserError(
    [
      `${options.reference} could not be pulled:`,
      ...failures.map(({ source, words }) => `  - ${formatReference(source)}: ${words}`),
      "What can be done: look at the network and the engine's proxy (docker info); list registries that you can reach in",
      `image.mirrors of user_config.yml; or bring it as a file and name it: docker load, docker tag IMAGE ${options.name}`,
      ...(failures.some(({ isOther }) => isOther)
        ? ["If another image is as good: image.id, or image.on_id_mismatch: warn"]
        : []),
    ].join("\n"),
  );
}

function isWanted(image: InspectedImage, options: Options): boolean {
  if (!isOfPlatform(image, options.platform)) return false;
  if (options.id === undefined || options.onMismatch === "ignore") return true;
  return compareImageId(options.id, image) === "match";
}

/** Whether the image that is there may be used although no source gave one. */
function mayStay(image: InspectedImage, options: Options, failures: readonly Failure[]): boolean {
  if (!isOfPlatform(image, options.platform)) return false;
  return options.onMismatch === "warn" || failures.every(({ isOther }) => !isOther);
}

function isOfPlatform(image: InspectedImage, platform: string | undefined): boolean {
  return platform === undefined || `${platform}/`.startsWith(`${image.Os}/${image.Architecture}/`);
}

function whyNot(image: InspectedImage, { id, platform }: Options): string {
  if (!isOfPlatform(image, platform)) return `for ${image.Os}/${image.Architecture} and not for ${platform}`;
  return `its id is ${shortId(image.Id)}, and the engine does not know it as ${id}`;
}
