/** A tool as its install script reports it. */
export interface InstalledTool {
  readonly version: string;
  /** Absolute path in the box. */
  readonly path: string;
}

/** Finds the line `benchbox-tool VERSION PATH` (tab-separated) that `report` of `scripts/lib/common.sh` prints. */
export function readReport(stdout: string): InstalledTool | undefined {
  const line = stdout.split("\n").findLast((one) => one.startsWith("benchbox-tool\t"));
  const [, version, path] = line?.split("\t") ?? [];
  return version && path ? { version, path } : undefined;
}
