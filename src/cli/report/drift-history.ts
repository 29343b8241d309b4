import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { DriftReport, DriftRow } from "./drift.ts";

/** What was not as declared from a time on, until the next entry's. */
export interface DriftHistoryEntry {
  readonly at: string;
  readonly drifts: readonly Pick<DriftRow, "part" | "found">[];
}

/** So many entries are kept, the newest. */
const most = 1000;

/** Appends what was found, when it is something else than the last time. */
export function recordDrifts(file: string, { at, drifts, notLookedAt }: DriftReport): void {
  if (notLookedAt.length > 0) return; // what could not be seen is neither drift nor its end
  const entry = { at, drifts: drifts.map(({ part, found }) => ({ part, found })) };
  const entries = historyOf(file);
  if (JSON.stringify(entries.at(-1)?.drifts ?? []) === JSON.stringify(entry.drifts)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const line = `${JSON.stringify(entry)}\n`;
  if (entries.length < most) appendFileSync(file, line);
  else {
    const kept = entries.slice(1 - most).map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(`${file}.${process.pid}`, [...kept, line].join(""));
    renameSync(`${file}.${process.pid}`, file);
  }
}

/** The oldest first. A line that a full disk has cut is left out. */
export function historyOf(file: string): DriftHistoryEntry[] {
  return readLines(file).flatMap((line) => {
    try {
      return [JSON.parse(line) as DriftHistoryEntry];
    } catch {
      return [];
    }
  });
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
