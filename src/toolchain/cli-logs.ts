import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Stops the Pulumi CLI from logging everything that it does, for `pulumi logs share` to send to its vendor: half a megabyte for each
 * preview, a twentieth of its time, and up to 500 MB in total. The CLI has no switch for this, but it runs without a log
 * if there is a file in place of its log folder.
 * Source: `StartLogging` in https://github.com/pulumi/pulumi/blob/v3.276.0/pkg/logging/encrypted.go and its caller.
 *
 * @param pulumiHome a folder that set-up created; a user's own PULUMI_HOME must not be changed
 */
export function disableCliLogs(pulumiHome: string): void {
  const logs = join(pulumiHome, "logs");
  if (statSync(logs, { throwIfNoEntry: false })?.isFile()) return;
  rmSync(logs, { recursive: true, force: true });
  writeFileSync(logs, "");
}
