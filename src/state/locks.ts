import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { backendFolder } from "./backend.ts";
import { projectName } from "./project.ts";

/**
 * Clears what a killed run left in a backend of files: its lock, and what makes the state unreadable. Other backends are left to the
 * Pulumi CLI.
 */
export function clearAfterKill(stack: string): void {
  for (const lock of lockFiles(stack)) {
    if (!isDead(lock)) continue;
    console.error(`benchbox: an earlier run on the stack ${stack} was killed; its lock is released`);
    rmSync(lock, { force: true });
  }
  if (!isLocked(stack)) removeEmptyAttributes(stack);
}

/** Whether a run holds the stack, as far as the backend has that in files. */
export const isLocked = (stack: string): boolean => lockFiles(stack).length > 0;

function lockFiles(stack: string): string[] {
  const backend = backendFolder();
  if (backend === undefined) return [];
  const folder = join(backend, "locks/organization", projectName, stack);
  return filesIn(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => join(folder, file));
}

/** Whether a lock is that of a process of this host that has ended. */
function isDead(lock: string): boolean {
  try {
    const holder: { readonly hostname?: unknown; readonly pid?: unknown } = JSON.parse(readFileSync(lock, "utf8"));
    return holder.hostname === hostname() && typeof holder.pid === "number" && !isPulumi(holder.pid);
  } catch {
    return false; // released by now, or not readable, which the CLI reports
  }
}

/** A zombie, or another program that has got the number since, holds no lock. */
function isPulumi(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return /^Name:\tpulumi/m.test(status) && !/^State:\tZ/m.test(status);
  } catch {
    return false; // there is no such process
  }
}

/**
 * The library that the CLI writes files with puts a file's attributes beside it first. Ended in that moment it leaves them empty, and
 * reads nothing of the state any more ("failed to load checkpoint: EOF"). It does without them.
 */
function removeEmptyAttributes(stack: string): void {
  const folder = join(backendFolder() ?? "", "stacks", projectName);
  for (const file of backendFolder() === undefined ? [] : filesIn(folder)) {
    if (!file.startsWith(`${stack}.json`) || !file.endsWith(".attrs")) continue;
    const path = join(folder, file);
    if (statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path, { force: true });
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // there is none
  }
}
