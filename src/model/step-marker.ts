/** What is known of a step that ran, from its marker in the box (`scripts/lib/run-step` writes it). */
export interface StepMarker {
  /** Under which it ran. */
  readonly trigger: string;
  /** `unavailable`: it failed, and the stack can do without it. `failed` is only told: such a step leaves no marker in the box. */
  readonly state: "installed" | "unavailable" | "failed";
  readonly tool?: InstalledTool | undefined;
  /** What it installed by a package manager, each with its version. */
  readonly packages?: readonly string[] | undefined;
  /** Why it is not there. */
  readonly reason?: string | undefined;
  /** The step that was not there, when that is why. */
  readonly missing?: string | undefined;
  /** What must change before it is tried again by itself. */
  readonly sources?: string | undefined;
  /** How long it took. */
  readonly seconds?: number | undefined;
}

/** What outputs and fingerprint say of a step: what it installed, or why there is nothing. */
export type StepOutcome =
  | Pick<InstalledTool, "version" | "path" | "source">
  | { readonly packages: readonly string[] }
  | { readonly unavailable: string };

/** A step that installed neither a tool nor packages is not among them. */
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

/** A tool as its script reports it. */
export interface InstalledTool {
  readonly version: string;
  /** Absolute path in the box. */
  readonly path: string;
  /** Which source delivered it, by what it was verified, and what it was. */
  readonly source?: string | undefined;
  readonly proof?: string | undefined;
  readonly sha256?: string | undefined;
}

/** @param lines `key=value`; undefined for a marker of an earlier form */
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

const printed = "benchbox-step\t";

/** The marker as `run-step` prints it when the step has run. */
export function printedMarker(stdout: string): StepMarker | undefined {
  const lines = stdout.split("\n").filter((line) => line.startsWith(printed));
  return readMarker(lines.map((line) => line.slice(printed.length)));
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** As `run-step` prints it. */
export function printMarker({ packages = [], tool, ...marker }: StepMarker): string {
  const { trigger, state, reason, missing, sources, seconds } = marker;
  const single = Object.entries({ trigger, state, ...tool, reason, missing, sources, seconds });
  const fields = [...single, ...packages.map((one): [string, string] => ["package", one])];
  return fields.flatMap(([key, value]) => (value === undefined ? [] : [`${printed}${key}=${value}`])).join("\n");
}
