import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/**
 * Runs an action while nobody else holds the lock of a file or folder, and waits for that. Node has no flock(2), so the flock program
 * holds it until our end of a pipe is closed: the kernel does that, however this process ends.
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
