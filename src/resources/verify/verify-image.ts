/**
 * What `verify-image` runs; see there for its use. Exit code 0: nothing found; 1: something of a proxy is in the image;
 * 2: the image could not be looked at as a whole.
 */
import { parseArgs } from "node:util";
import { proxiesOf } from "../../model/proxy.ts";
import { CannotCheck } from "./cannot-check.ts";
import { checkImage, type Report } from "./check.ts";
import { inspectImage, removeTag } from "./engine-image.ts";
import { needlesOf } from "./needles.ts";
import { findingLines, hasFindings, searchedSentence } from "./report.ts";

const usage = "usage: verify-image IMAGE [--new-since BASE_IMAGE] [--remove-tag]";

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CannotCheck)) throw error;
  console.error(`benchbox: the image could not be checked: ${error.message}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { image, newSince, removesTag } = readArguments();
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

function readArguments(): { image: string; newSince: string | undefined; removesTag: boolean } {
  const options = { "new-since": { type: "string" }, "remove-tag": { type: "boolean" } } as const;
  try {
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    const [image, ...more] = positionals;
    if (!image || more.length > 0) throw new Error(image ? `one image at a time, not also ${more[0]}` : "which image?");
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
