/** The record of a step that ran, from its marker in the box, which `scripts/lib/run-step` writes. */
export interface StepMarker {
  /** Trigger that the step ran with. */
  readonly trigger: string;
  /** `unavailable`: it failed and is not required. `failed` is only reported: a required step that fails leaves no marker in the box. */
  readonly state: "installed" | "unavailable" | "failed";
  readonly tool?: InstalledTool | undefined;
  /** Packages that the step installed with a package manager, each with its version. */
  readonly packages?: readonly string[] | undefined;
  /** Why the step is unavailable. */
  readonly reason?: string | undefined;
  /** The unavailable step that this one needs, if that is the reason. */
  readonly missing?: string | undefined;
  /** Hash of the sources; the step is retried automatically only when it changes. */
  readonly sources?: string | undefined;
  /** Duration of the run. */
  readonly seconds?: number | undefined;
}

/** The result of a step in the outputs and the fingerprint: what it installed, or why it is unavailable. */
export type StepOutcome =
  | Pick<InstalledTool, "version" | "path" | "source">
  | { readonly packages: readonly string[] }
  | { readonly unavailable: string };

/** The outcomes by step id, without steps that installed neither a tool nor packages. */
export function outcomesOf(
  markers: Iterable<readonly [id: string, marker: StepMarker | undefined]>,
): Readonly<Record<string, StepOutcome>> {
  const outcomes: Record<string, StepOutcome> = {};
  for (const [id, marker] of markers) {
    if (marker === undefined) continue;
    const { state, reason = "", packages, tool } = marker;
    if (state !== "installed") outcomes[id] = { unavailable: reason };
    else if (packages !== undefined) outcomes[id] = { packages };
    else if (tool !== undefined) outcomes[id] = { version: tool.version, path: tool.path, source: tool.source };
  }
  return outcomes;
}

/** An installed tool, as reported by its script. */
export interface InstalledTool {
  readonly version: string;
  /** Absolute path in the box. */
  readonly path: string;
  /** The source it was downloaded from, how the download was verified, and its checksum. */
  readonly source?: string | undefined;
  readonly proof?: string | undefined;
  readonly sha256?: string | undefined;
}

/**
 * Parses a marker.
 *
 * @param lines `key=value`
 * @returns undefined for a marker of an earlier format
 */
export function readMarker(lines: readonly string[]): StepMarker | undefined {
  const fields = new Map(lines.map((line): [string, string] => splitOnce(line)));
  const trigger = fields.get("trigger");
  const state = fields.get("state");
  if (trigger === undefined || (state !== "installed" && state !== "unavailable" && state !== "failed"))
    return undefined;
  const packages = lines.filter((line) => line.startsWith("package=")).map((line) => line.slice("package=".length));
  const [version, path] = [fields.get("version"), fields.get("path")];
  const [source, proof, sha256] = [fields.get("source"), fields.get("proof"), fields.get("sha256")];
  return {
    trigger,
    state,
    tool: version && path ? { version, path, source, proof, sha256 } : undefined,
    packages: packages.length > 0 ? packages : undefined,
    reason: fields.get("reason"),
    missing: fields.get("missing"),
    sources: fields.get("sources"),
    seconds: Number(fields.get("seconds") ?? 0),
  };
}

const printedPrefix = "benchbox-step\t";

/** The marker in the output of `run-step`; undefined when there is none. */
export function printedMarker(stdout: string): StepMarker | undefined {
  const lines = stdout.split("\n").filter((line) => line.startsWith(printedPrefix));
  return readMarker(lines.map((line) => line.slice(printedPrefix.length)));
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** Formats a marker as `run-step` prints it. */
export function printMarker({ packages = [], tool, ...marker }: StepMarker): string {
  const { trigger, state, reason, missing, sources, seconds } = marker;
  const single = Object.entries({ trigger, state, ...tool, reason, missing, sources, seconds });
  const fields = [...single, ...packages.map((one): [string, string] => ["package", one])];
  return fields.flatMap(([key, value]) => (value === undefined ? [] : [`${printedPrefix}${key}=${value}`])).join("\n");
}
