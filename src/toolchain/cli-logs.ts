import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Keeps the CLI from logging all that it does: half a megabyte for each preview, a twentieth of the work, up to 500 MB, for
 * `pulumi logs share` to send to its vendor. It has no switch for that; where a file stands in its folder's place it goes without.
 * Source: `StartLogging` in https://github.com/pulumi/pulumi/blob/v3.276.0/pkg/logging/encrypted.go and its caller.
 *
 * @param pulumiHome one of our own: what is in a user's is theirs
 */
export function forgoCliLogs(pulumiHome: string): void {
  const logs = join(pulumiHome, "logs");
  if (statSync(logs, { throwIfNoEntry: false })?.isFile()) return;
  rmSync(logs, { recursive: true, force: true });
  writeFileSync(logs, "");
}
