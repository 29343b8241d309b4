import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** How often to read the log, in milliseconds. */
const interval = 2000;

/**
 * Shows the progress of an image build beside a component, from the build's log, because the Docker provider prints nothing until the
 * build is done. Stops with the program.
 *
 * @param component the image's component: a message about the image itself would wait until it is built
 */
export function showBuildProgress(log: string, component: pulumi.ComponentResource): void {
  if (pulumi.runtime.isDryRun()) return;
  const read = (): Buffer => (existsSync(log) ? readFileSync(log) : Buffer.alloc(0));
  let offset = read().length;
  let shown = "";
  const showProgress = (): void => {
    const text = read();
    const progress = progressOf(text.toString("utf8", offset));
    offset = text.length;
    if (progress === undefined || progress === shown) return;
    shown = progress;
    void pulumi.log.info(progress, component, undefined, true);
  };
  setInterval(showProgress, interval).unref(); // the program runs until its resources are done
}

/** The last step, or the last line of a step's output, in a piece of BuildKit's log. Pure. */
export function progressOf(text: string): string | undefined {
  for (const line of text.trimEnd().split("\n").reverse()) {
    const [, step, of, words] = /^#\d+ \[[^\]]*?(\d+)\/(\d+)\] (.+)$/.exec(line) ?? [];
    if (step && of && words) return `step ${step} of ${of}: ${words.replace(/--mount=\S+\s+/g, "")}`;
    const [, printed] = /^#\d+ \d+\.\d+ (.*\S)/.exec(line) ?? [];
    if (printed) return printed;
  }
  return undefined;
}
