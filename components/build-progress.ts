import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** How often the log is looked at, in milliseconds. */
const interval = 2000;

/**
 * Shows beside a component how far the build of its image is, from the log that the build writes: the plugin itself says nothing
 * before it is done. Ends with the program.
 *
 * @param component the one that the image belongs to: a message about the image itself would wait until it is built
 */
export function showBuildProgress(log: string, component: pulumi.ComponentResource): void {
  if (pulumi.runtime.isDryRun()) return;
  let offset = existsSync(log) ? statSync(log).size : 0;
  let shown = "";
  const look = (): void => {
    const text = readFrom(log, offset);
    offset += Buffer.byteLength(text);
    const progress = progressOf(text);
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

function readFrom(file: string, offset: number): string {
  if (!existsSync(file) || statSync(file).size <= offset) return "";
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(statSync(file).size - offset);
    return buffer.toString("utf8", 0, readSync(descriptor, buffer, 0, buffer.length, offset));
  } finally {
    closeSync(descriptor);
  }
}
