import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface Result {
  /** Folders to put before PATH, the first one first. */
  readonly folders: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Names the content that this was made for. */
  readonly stamp: string;
  /** Without one of these the result does not hold. */
  readonly paths: readonly string[];
}

/** The file that the wrapper sources. */
export function resultText({ folders, variables, stamp, paths }: Result): string {
  const lines = [
    "# Written by src/toolchain/setup, read by the other scripts there. Not to be edited: it is written anew.",
    `# stamp ${stamp}`,
    ...paths.map((path) => `# path ${path}`),
  ];
  if (folders.length > 0) lines.push(`export PATH=${folders.map(quote).join(":")}:"$PATH"`);
  for (const [name, value] of Object.entries(variables)) lines.push(`export ${name}=${quote(value)}`);
  return `${lines.join("\n")}\n`;
}

/** Writes beside, then renames: a reader sees the old one or the new one. */
export function writeResult(file: string, result: Result): void {
  mkdirSync(dirname(file), { recursive: true });
  chmodSync(dirname(file), 0o700);
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, resultText(result), { mode: 0o600 });
  renameSync(beside, file);
}

/** As bash reads it back. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
