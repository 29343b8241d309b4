/** A request to run a step in the box. `scripts/lib/run-step` reads it, and documents the fields. */
export interface StepRequest {
  readonly id: string;
  readonly trigger: string;
  /** Path of the script below `scripts/`, and its arguments. */
  readonly words: readonly string[];
  /** The tool's lines of the lock file; see `lockLines`. */
  readonly lock: string;
  readonly needs: readonly string[];
  readonly required: boolean;
  /** Hash of the sources; a failed step that is not required is retried only when it changes. */
  readonly sources: string;
  readonly probe?: string | undefined;
  readonly seconds: number;
  readonly retries: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Values for a single run, which are never stored. */
export interface RunEnvironment {
  /** Environment variables for the script, for example the proxies. */
  readonly variables: Readonly<Record<string, string>>;
  /** Texts that no output may show. */
  readonly secrets: readonly string[];
}

/** Formats a request as the lines that `run-step` reads. */
export function stepLines(request: StepRequest, own: RunEnvironment): string {
  const { words, needs, required, environment, lock, probe, ...texts } = request;
  const lines: [key: string, payload: string][] = [
    ...Object.entries(texts).map(([key, value]): [string, string] => [key, String(value)]),
    ...words.map((word): [string, string] => ["word", word]),
    ...needs.map((need): [string, string] => ["need", need]),
    ["required", required ? "yes" : "no"],
    ["lock", lock],
    ...(probe === undefined ? [] : [["probe", probe] as [string, string]]),
    ...Object.entries({ ...environment, ...own.variables }).map(([name, value]): [string, string] => [
      "environment",
      `${name}=${value}`,
    ]),
    ...own.secrets.map((secret): [string, string] => ["secret", secret]),
  ];
  return `${lines.map(([key, payload]) => `${key} ${Buffer.from(payload).toString("base64")}\n`).join("")}go -\n`;
}
