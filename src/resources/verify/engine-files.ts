import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { ImageCheckError } from "./source.ts";

/** Runs a program that reads the Docker Engine's files, which only root may read. @throws ImageCheckError as `readOutput` does */
export const readAsRoot = <T>(words: readonly string[], read: (output: Readable) => Promise<T>): Promise<T> =>
  readOutput(process.getuid?.() === 0 ? words : ["sudo", "-n", ...words], read);

/** Whether a file is readable as root or with `sudo -n`. */
export const isReadable = (file: string): Promise<boolean> =>
  readAsRoot(["test", "-r", file], text).then(
    () => true,
    () => false,
  );

export const readText = (file: string): Promise<string> => readAsRoot(["cat", file], text);

/** Passes the output of a program to `read`. @throws ImageCheckError if either fails, so that no partial output counts as complete */
export async function readOutput<T>(words: readonly string[], read: (output: Readable) => Promise<T>): Promise<T> {
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : errors.trim() || `${signal ?? code}`));
  });
  const [result] = await Promise.allSettled([read(child.stdout)]);
  if (result.status === "rejected") child.kill();
  const failure = await ended;
  // The program's own message is closer to the cause than the error in its output that follows.
  if (failure !== undefined && failure !== "SIGTERM") throw new ImageCheckError(`${program} failed: ${failure}`);
  if (result.status === "fulfilled") return result.value;
  if (result.reason instanceof ImageCheckError) throw result.reason;
  throw new ImageCheckError(`reading the output of ${program} failed: ${result.reason.message}`);
}
