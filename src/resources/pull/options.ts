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
}

const usage =
  "Usage: src/resources/pull/pull-base.ts REFERENCE [--id ID] [--on-mismatch error|warn|ignore] [--platform OS/ARCHITECTURE] " +
  "[--mirrors FILE] [MIRROR...]";

/** @throws UserError when the command line is invalid */
export function readOptions(words: readonly string[]): Options {
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
    return { reference, name: canonicalName(reference), sources, id, onMismatch, platform };
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
