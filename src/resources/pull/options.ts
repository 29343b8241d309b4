import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { imageIdProblem } from "../../model/image-id.ts";
import { canonicalName, type ImageReference, pullSources } from "../../model/image-reference.ts";
import { UserError } from "../../model/user-error.ts";

export interface Options {
  /** The image as the configuration names it. */
  readonly reference: string;
  /** The name that the image gets on the Docker Engine, with a tag and without a digest. */
  readonly name: string;
  readonly sources: readonly ImageReference[];
  readonly id: string | undefined;
  readonly onMismatch: "error" | "warn" | "ignore";
  readonly platform: string | undefined;
  readonly limits: Limits;
}

/** Time limits, in milliseconds. The whole pull has none: 9 GB over a slow line may take their time as long as they keep coming. */
export interface Limits {
  /** How long a source may take to answer. */
  readonly answer: number;
  /** How long a download may stall. */
  readonly stall: number;
  /** The interval between progress lines. */
  readonly report: number;
}

const usage =
  "Usage: src/resources/pull/pull-base.ts REFERENCE [--id ID] [--on-mismatch error|warn|ignore] [--platform OS/ARCHITECTURE] " +
  "[--mirrors FILE] [MIRROR...]";

/** @throws UserError when the command line is invalid, or a BENCHBOX_PULL_... variable is not a number of seconds */
export function readOptions(words: readonly string[]): Options {
  const limits = {
    answer: milliseconds("BENCHBOX_PULL_ANSWER_SECONDS", 10),
    stall: milliseconds("BENCHBOX_PULL_STALL_SECONDS", 30),
    report: milliseconds("BENCHBOX_PULL_REPORT_SECONDS", 5),
  };
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        id: { type: "string" },
        "on-mismatch": { type: "string", default: "error" },
        platform: { type: "string" },
        mirrors: { type: "string" },
      },
    });
    const [reference, ...mirrors] = positionals;
    if (reference === undefined) throw new Error("missing argument: REFERENCE");
    const { id, platform, "on-mismatch": onMismatch } = values;
    const problem = id === undefined ? undefined : imageIdProblem(id);
    if (problem) throw new Error(`invalid --id "${id}": ${problem}`);
    if (onMismatch !== "error" && onMismatch !== "warn" && onMismatch !== "ignore") {
      throw new Error(`invalid --on-mismatch "${onMismatch}": must be error, warn or ignore`);
    }
    if (platform !== undefined && !/^\w+\/\w+(\/\w+)?$/.test(platform)) {
      throw new Error(`invalid --platform "${platform}": must have the form linux/amd64 or linux/arm64`);
    }
    const listed = values.mirrors === undefined ? [] : linesOf(values.mirrors);
    const sources = pullSources(reference, [...listed, ...mirrors]);
    return { reference, name: canonicalName(reference), sources, id, onMismatch, platform, limits };
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function linesOf(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function milliseconds(name: string, fallback: number): number {
  const text = process.env[name] || String(fallback);
  const seconds = Number(text);
  if (!(seconds > 0)) throw new UserError(`invalid ${name} "${text}": must be a number of seconds above 0`);
  return seconds * 1000;
}
