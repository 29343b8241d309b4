import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "./backend.ts";

const folderOf = (stack: string): string => join(stateFolder, "build", stack);
const logOf = (stack: string): string => join(folderOf(stack), "log");

/** A file that exists if the image's build failed in the last `up` of the stack, so that the tools in the box are not at fault. */
const markOf = (stack: string): string => join(folderOf(stack), "failed");

export const hasBuildFailed = (stack: string): boolean => existsSync(markOf(stack));

/** Before an `up`: moves the log of the last build aside, and forgets that it failed. */
export function forgetBuild(stack: string): void {
  if (existsSync(logOf(stack))) renameSync(logOf(stack), `${logOf(stack)}.1`);
  rmSync(markOf(stack), { force: true });
}

/**
 * After a failed `up`: prints the cause from the log of the image's build, since the Docker Engine reports little more than that the build
 * failed. Prints nothing if there was no build, or if it succeeded.
 */
export async function reportBuildFailure(stack: string): Promise<void> {
  const path = logOf(stack);
  if (!existsSync(path)) return;
  const { findBuildFailure, formatBuildFailure } = await import("../plan/build-failure.ts");
  const log = readFileSync(path, "utf8");
  const failure = findBuildFailure(log);
  if (failure === undefined) return;
  console.error(`\n${formatBuildFailure(failure, log, path).join("\n")}`);
  writeFileSync(markOf(stack), "");
}
