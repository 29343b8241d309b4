/**
 * `build-failure.ts LOG`, after an `up` that failed: tells why, as far as the log of the image's build does. Prints nothing
 * when there was no build, or when it was finished and the failure is another's. Exit code 1 when it was the build.
 */
import { existsSync, readFileSync } from "node:fs";
import { findBuildFailure, formatBuildFailure } from "../plan/build-failure.ts";

const [path = ""] = process.argv.slice(2);
const log = existsSync(path) ? readFileSync(path, "utf8") : undefined;
const failure = log === undefined ? undefined : findBuildFailure(log);
if (failure) {
  console.error(`\n${formatBuildFailure(failure, log ?? "", path).join("\n")}`);
  process.exitCode = 1;
}
