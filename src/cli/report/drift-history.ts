import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { DriftHistoryEntry, DriftReport } from "../documents.ts";

/** How many entries are kept; the oldest are dropped. */
const maxEntries = 1000;

/** Appends the drift when it differs from the last entry. */
export function recordDrifts(file: string, { checkedAt, drifts, notChecked }: DriftReport): void {
  if (notChecked.length > 0) return; // an unchecked part may or may not differ
  const entry = { checkedAt, drifts: drifts.map(({ part, actual }) => ({ part, actual })) };
  const entries = historyOf(file);
  if (JSON.stringify(entries.at(-1)?.drifts ?? []) === JSON.stringify(entry.drifts)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const line = `${JSON.stringify(entry)}\n`;
  if (entries.length < maxEntries) appendFileSync(file, line);
  else {
    const kept = entries.slice(1 - maxEntries).map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(`${file}.${process.pid}`, [...kept, line].join(""));
    renameSync(`${file}.${process.pid}`, file);
  }
}

/** The entries, oldest first. Skips a line that a full disk truncated. */
export function historyOf(file: string): DriftHistoryEntry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as DriftHistoryEntry];
      } catch {
        return [];
      }
    });
}
