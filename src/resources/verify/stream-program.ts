import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { CannotCheck } from "./cannot-check.ts";

/** Hands the output of a program to `read`. Fails when either does, so that half an output is never taken for a whole one. */
export async function readOutput(words: readonly string[], read: (output: Readable) => Promise<void>): Promise<void> {
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : complaint.trim() || `${signal ?? code}`));
  });
  let problem: unknown;
  try {
    await read(child.stdout);
  } catch (error) {
    problem = error;
    child.kill();
  }
  const failure = await ended;
  // What the program says of itself is nearer to the cause than what was then wrong with its output.
  if (failure !== undefined && failure !== "SIGTERM") throw new CannotCheck(`${program} failed: ${failure}`);
  if (problem instanceof CannotCheck) throw problem;
  if (problem !== undefined)
    throw new CannotCheck(`the output of ${program} cannot be read: ${(problem as Error).message}`);
}
