import { readdirSync, readFileSync } from "node:fs";

/** The proc folders of this computer's running Docker Engines. @param processes mount point of the proc file system */
export const dockerdProcesses = (processes: string): string[] =>
  readdirSync(processes)
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `${processes}/${pid}`)
    .filter((folder) => readProc(`${folder}/comm`).trim() === "dockerd");

/** Empty for a missing file. Synchronous, because the kernel's files are in memory and awaiting each would take ten times as long. */
export function readProc(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
