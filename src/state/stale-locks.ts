import { readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { namesIn } from "../observe/host-files.ts";
import { backendFolder } from "./backend.ts";
import { projectName } from "./project.ts";

/**
 * Removes what a killed run left in a file backend: its lock, and files that make the state unreadable. Leaves other backends, and the
 * error about the lock of a run that still works, to the Pulumi CLI.
 */
export function clearAfterKill(stack: string): void {
  for (const lock of lockFiles(stack)) {
    if (!isDead(lock)) continue;
    console.error(`benchbox: released the lock of an earlier run on the stack ${stack} that was killed`);
    rmSync(lock, { force: true });
  }
  if (!isLocked(stack)) removeEmptyAttributes(stack);
}

/** Whether a run holds the stack's lock in a file backend; always false for other backends. */
export const isLocked = (stack: string): boolean => lockFiles(stack).length > 0;

function lockFiles(stack: string): string[] {
  const backend = backendFolder();
  if (backend === undefined) return [];
  const folder = join(backend, "locks/organization", projectName, stack);
  return namesIn(folder, /\.json$/).map((file) => join(folder, file));
}

/** Whether a lock belongs to a process of this host that has ended. */
function isDead(lock: string): boolean {
  try {
    const holder: { readonly hostname?: unknown; readonly pid?: unknown } = JSON.parse(readFileSync(lock, "utf8"));
    return holder.hostname === hostname() && typeof holder.pid === "number" && !isPulumi(holder.pid);
  } catch {
    return false; // released in the meantime, or unreadable, which the CLI reports
  }
}

/** A zombie holds no lock, and neither does another program that has the process id now. */
function isPulumi(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return /^Name:\tpulumi/m.test(status) && !/^State:\tZ/m.test(status);
  } catch {
    return false; // no such process
  }
}

/**
 * Removes empty attribute files. The library with which the CLI writes a state first writes an attribute file beside it. If the CLI is
 * killed at that moment, the file stays empty and the state cannot be loaded any more ("failed to load checkpoint: EOF"). Without the file,
 * it can.
 */
function removeEmptyAttributes(stack: string): void {
  const backend = backendFolder();
  if (backend === undefined) return;
  const folder = join(backend, "stacks", projectName);
  for (const file of namesIn(folder, /\.attrs$/)) {
    if (!file.startsWith(`${stack}.json`)) continue;
    const path = join(folder, file);
    if (statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path, { force: true });
  }
}
