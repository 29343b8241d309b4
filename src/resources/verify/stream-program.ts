import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { ImageCheckError } from "./image-check-error.ts";

/** Passes the output of a program to `read`. @throws ImageCheckError if either fails, so that no partial output counts as complete */
export async function readOutput(words: readonly string[], read: (output: Readable) => Promise<void>): Promise<void> {
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
  let problem: unknown;
  try {
    await read(child.stdout);
  } catch (error) {
    problem = error;
    child.kill();
  }
  const failure = await ended;
  // The program's own message is closer to the cause than the error in its output that follows.
  if (failure !== undefined && failure !== "SIGTERM") throw new ImageCheckError(`${program} failed: ${failure}`);
  if (problem instanceof ImageCheckError) throw problem;
  if (problem !== undefined)
    throw new ImageCheckError(`reading the output of ${program} failed: ${(problem as Error).message}`);
}
