import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { RunCli } from "./cli.ts";
import { withOptions } from "./cli-words.ts";

/** A resource in the Pulumi engine's events (sdk/go/common/apitype/events.go), before and after an operation. */
interface EventState {
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface EngineEvent {
  readonly resOutputsEvent?: {
    readonly metadata: {
      readonly op: string;
      readonly type: string;
      readonly old?: EventState | null;
      readonly new?: EventState | null;
    };
  };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
}

/**
 * Runs `pulumi preview` in the terminal, and finds out whether an update would change anything: a resource, or only what the state says
 * about one.
 *
 * @param words of `pulumi preview`
 */
export async function previewChanges(
  words: readonly string[],
  folder: string,
  run: RunCli,
): Promise<{ readonly code: number; readonly hasChanges: boolean }> {
  const scratch = mkdtempSync(join(tmpdir(), "benchbox-preview-"));
  try {
    const log = join(scratch, "events");
    const code = await run(withOptions(words, "--event-log", log), folder);
    return { code, hasChanges: code === 0 && findChanges(readFileSync(log, "utf8")) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/**
 * Whether the events of a preview, one JSON value per line, announce a change. The engine does not count the stack's outputs, and options
 * such as `protect`, which an update writes to the state only. A log without a summary counts as a change.
 */
export function findChanges(log: string): boolean {
  const events = log
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EngineEvent);
  const summary = events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges;
  if (summary === undefined || Object.keys(summary).some((op) => op !== "same")) return true;
  return events.some(({ resOutputsEvent }) => {
    if (resOutputsEvent === undefined) return false;
    const { op, type, old, new: next } = resOutputsEvent.metadata;
    if (op !== "same") return false; // a refresh, which the summary does not count
    return (
      Boolean(old?.protect) !== Boolean(next?.protect) ||
      Boolean(old?.retainOnDelete) !== Boolean(next?.retainOnDelete) ||
      (type === "pulumi:pulumi:Stack" && !isDeepStrictEqual(old?.outputs, next?.outputs))
    );
  });
}
