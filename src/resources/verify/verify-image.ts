#!/usr/bin/env node
import { parseArgs } from "node:util";
import { proxiesOf } from "../../model/proxy.ts";
import { UserError } from "../../model/user-error.ts";
import { runCommand } from "../../process/run-command.ts";
import { CannotCheck } from "./cannot-check.ts";
import { checkImage, type Report } from "./check.ts";
import { inspectImage, removeTag } from "./engine-image.ts";
import { needlesOf } from "./needles.ts";
import { findingLines, hasFindings, searchedSentence } from "./report.ts";

interface Arguments {
  readonly image: string;
  readonly newSince: string | undefined;
  readonly removesTag: boolean;
}

const usage = "usage: verify-image IMAGE [--new-since BASE_IMAGE] [--remove-tag]";

/**
 * `verify-image IMAGE [--new-since BASE_IMAGE] [--remove-tag]`: proves that nothing of a proxy is in an image. Searches the image's config,
 * its history and every file of its layers, deleted ones included, for the values of the environment's proxies (HTTP_PROXY, HTTPS_PROXY,
 * ALL_PROXY, in either case) and for proxy settings of any value. Looks into files in gzip, zstd and xz, one level deep, up to 1 GiB each;
 * not into zip files. Files as their package installed them are no finding (see packaged-files.ts).
 *
 * `--new-since` searches only the layers and history lines that BASE_IMAGE does not have; `--remove-tag` removes the tag IMAGE when
 * something is found.
 *
 * @returns 0: clean, with one line about what was searched; 1: something is found, with its places, never with its value; 2: the image
 *   could not be checked as a whole
 */
export async function verifyImage(words: readonly string[]): Promise<number> {
  try {
    return await verify(readArguments(words));
  } catch (error) {
    console.error(error instanceof UserError ? `benchbox: the image could not be checked: ${error.message}` : error);
    return 2;
  }
}

async function verify({ image, newSince, removesTag }: Arguments): Promise<number> {
  const slowly = process.env.BENCHBOX_VERIFY_SLOWLY === "1"; // as on an engine whose folders are not at hand
  const started = performance.now();
  const report = await checkImage(image, process.env, { slowly, ...(newSince === undefined ? {} : { newSince }) });
  const sentence = searchedSentence(report, proxiesOf(process.env).length, (performance.now() - started) / 1000);
  if (report.notBuiltOnBase)
    console.error(`benchbox: ${image} is not built on ${newSince}; all that differs was searched`);
  if (!hasFindings(report)) {
    console.log(`${image} is clean: ${sentence}`);
    return 0;
  }
  tell(image, report, sentence);
  if (removesTag) await remove(image);
  return 1;
}

function readArguments(words: readonly string[]): Arguments {
  const options = { "new-since": { type: "string" }, "remove-tag": { type: "boolean" } } as const;
  try {
    const { positionals, values } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [image, ...more] = positionals;
    if (!image || more.length > 0)
      throw new Error(image ? `one image at a time, not also ${more[0]}` : "missing argument: IMAGE");
    return { image, newSince: values["new-since"], removesTag: values["remove-tag"] ?? false };
  } catch (error) {
    throw new CannotCheck(`${(error as Error).message}\n${usage}`);
  }
}

function tell(image: string, report: Report, sentence: string): void {
  console.error(`benchbox: ${image} has something of a proxy in it (values are not shown):`);
  for (const line of findingLines(report, needlesOf(process.env))) console.error(line);
  console.error(sentence);
}

async function remove(reference: string): Promise<void> {
  const failure = await removeTag(await inspectImage(reference));
  if (failure === undefined) console.error(`benchbox: the tag ${reference} was removed`);
  else console.error(`benchbox: the tag ${reference} could not be removed: ${failure}`);
}

if (import.meta.main) runCommand(() => verifyImage(process.argv.slice(2)));
