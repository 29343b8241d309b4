#!/usr/bin/env node
import { parseArgs } from "node:util";
import { proxiesOf } from "../../model/proxy.ts";
import { UserError } from "../../model/user-error.ts";
import { docker } from "../../observe/docker.ts";
import { runCommand } from "../../process/run-command.ts";
import { checkImage } from "./check.ts";
import { inspectImage } from "./engine-image.ts";
import { needlesOf } from "./needles.ts";
import { findingLines, searchedSentence } from "./report.ts";

const usage = "usage: verify-image IMAGE [--new-since BASE_IMAGE] [--remove-tag]";

export interface VerifyOptions {
  readonly newSince?: string | undefined;
  readonly removeTag?: boolean | undefined;
}

/**
 * `verify-image IMAGE [--new-since BASE_IMAGE] [--remove-tag]`: proves that an image contains no trace of a proxy. Searches the image's
 * config, its history and every file of its layers, including deleted files, for the values of the environment's proxies (HTTP_PROXY,
 * HTTPS_PROXY, ALL_PROXY, in either case) and for proxy settings with any value. Also searches the content of files in gzip, zstd and xz,
 * one level deep, up to 1 GiB each; not of zip files. Unchanged files of packages do not count (see packaged-files.ts).
 *
 * `--new-since` searches only the layers and history lines that BASE_IMAGE does not have; `--remove-tag` removes the tag IMAGE if something
 * is found.
 *
 * @returns 0: clean, and prints one line about what was searched; 1: found something, and prints the places, never the values; 2: the
 *   image, or a part of it, could not be checked
 */
export const verifyImage = (image: string, options: VerifyOptions): Promise<number> =>
  verify(image, options).catch(reportFailure);

async function verify(image: string, options: VerifyOptions): Promise<number> {
  const { newSince } = options;
  const slowly = process.env.BENCHBOX_VERIFY_SLOWLY === "1"; // as for a Docker Engine whose files are not readable
  const started = performance.now();
  const report = await checkImage(image, process.env, { newSince, slowly });
  const sentence = searchedSentence(report, proxiesOf(process.env).length, (performance.now() - started) / 1000);
  if (report.notBuiltOnBase)
    console.error(`benchbox: ${image} is not built on ${newSince}; everything that differs was searched`);
  if (report.config.length + report.layers.length === 0) {
    console.log(`${image} is clean: ${sentence}`);
    return 0;
  }
  console.error(`benchbox: ${image} contains traces of a proxy (values are not shown):`);
  for (const line of findingLines(report, needlesOf(process.env))) console.error(line);
  console.error(sentence);
  if (options.removeTag) await removeTag(image);
  return 1;
}

async function removeTag(reference: string): Promise<void> {
  const { tags } = await inspectImage(reference);
  const name = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  const isTag = tags.includes(name);
  const { ok, stderr } = isTag
    ? await docker(["image", "rm", name])
    : { ok: false, stderr: `${reference} is not a tag of the image` };
  console.error(`benchbox: ${ok ? `removed the tag ${reference}` : `removing the tag ${reference} failed: ${stderr}`}`);
}

function reportFailure(error: unknown): number {
  console.error(error instanceof UserError ? `benchbox: checking the image failed: ${error.message}` : error);
  return 2;
}

function readArguments(words: readonly string[]): [image: string, options: VerifyOptions] {
  const options = { "new-since": { type: "string" }, "remove-tag": { type: "boolean" } } as const;
  try {
    const { positionals, values } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [image, ...more] = positionals;
    if (!image || more.length > 0)
      throw new Error(image ? `unexpected argument: ${more[0]}` : "missing argument: IMAGE");
    return [image, { newSince: values["new-since"], removeTag: values["remove-tag"] }];
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n${usage}`);
  }
}

if (import.meta.main)
  runCommand(async () => {
    try {
      return await verifyImage(...readArguments(process.argv.slice(2)));
    } catch (error) {
      return reportFailure(error);
    }
  });
