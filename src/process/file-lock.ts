import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/**
 * Waits for an exclusive lock on a file or folder, and runs an action while holding it. Node has no flock(2), so the flock program holds
 * the lock until this process closes its end of a pipe, which the kernel does however the process exits.
 *
 * @throws Error when locking fails
 */
export async function withLock<T>(path: string, action: () => T | Promise<T>): Promise<T> {
  const holder = spawn("flock", ["--exclusive", path, "sh", "-c", "echo held; exec cat >/dev/null"]);
  const ended = once(holder, "exit");
  const errors = text(holder.stderr);
  const isHeld = await Promise.race([once(holder.stdout, "data").then(() => true), ended.then(() => false)]);
  if (!isHeld) throw new Error(`locking ${path} failed: ${(await errors).trim()}`);
  try {
    return await action();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
