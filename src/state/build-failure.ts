import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "./backend.ts";

const folderOf = (stack: string): string => join(stateFolder, "build", stack);
const logOf = (stack: string): string => join(folderOf(stack), "log");

/** Exists where the last `up` of a stack failed in its image's build, which is no fault of the tools in the box. */
const markOf = (stack: string): string => join(folderOf(stack), "failed");

export const hasBuildFailed = (stack: string): boolean => existsSync(markOf(stack));

/** Before an `up`: puts away the log of the last build. */
export function forgetBuild(stack: string): void {
  if (existsSync(logOf(stack))) renameSync(logOf(stack), `${logOf(stack)}.1`);
  rmSync(markOf(stack), { force: true });
}

/**
 * After an `up` that failed: prints why, as far as the log of the image's build says, of which the Docker Engine reports little more
 * than that it failed. Prints nothing when there was no build, or when it succeeded.
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
