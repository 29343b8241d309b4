import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** How often the log is looked at, in milliseconds. */
const interval = 2000;

/**
 * Shows beside a component how far the build of its image is, from the log that the build writes: the plugin itself says
 * nothing before it is done. Ends with the program.
 *
 * @param component the one that the image belongs to: a message about the image itself would wait until it is built
 */
export function showBuildProgress(log: string, component: pulumi.ComponentResource): void {
  if (pulumi.runtime.isDryRun()) return;
  const read = (): Buffer => (existsSync(log) ? readFileSync(log) : Buffer.alloc(0));
  let offset = read().length;
  let shown = "";
  const look = (): void => {
    const text = read();
    const progress = progressOf(text.toString("utf8", offset));
    offset = text.length;
    if (progress === undefined || progress === shown) return;
    shown = progress;
    void pulumi.log.info(progress, component, undefined, true);
  };
  setInterval(look, interval).unref(); // the program lives as long as its resources are under way
}

/** The last thing that a piece of BuildKit's log tells of: a step, or what a step printed. Pure. */
export function progressOf(text: string): string | undefined {
  for (const line of text.trimEnd().split("\n").reverse()) {
    const [, step, of, words] = /^#\d+ \[[^\]]*?(\d+)\/(\d+)\] (.+)$/.exec(line) ?? [];
    if (step && of && words) return `step ${step} of ${of}: ${words.replace(/--mount=\S+\s+/g, "")}`;
    const [, printed] = /^#\d+ \d+\.\d+ (.*\S)/.exec(line) ?? [];
    if (printed) return printed;
  }
  return undefined;
}
