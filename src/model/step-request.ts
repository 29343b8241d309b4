/** What the box is asked to run: read by `scripts/lib/run-step`, which says what each of it means. */
export interface StepRequest {
  readonly id: string;
  readonly trigger: string;
  /** Path of the script below `scripts/`, and its arguments. */
  readonly words: readonly string[];
  /** The script's part of the lock file. */
  readonly lock: string;
  readonly needs: readonly string[];
  readonly required: boolean;
  /** What must change before a step that is not required, and failed, is tried again. */
  readonly sources: string;
  readonly probe?: string | undefined;
  readonly seconds: number;
  readonly retries: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What only the run itself knows: nothing of it is kept anywhere. */
export interface RunEnvironment {
  /** For the script, for example the proxies. */
  readonly variables: Readonly<Record<string, string>>;
  /** What must not be shown. */
  readonly secrets: readonly string[];
}

/** The lines that `run-step` reads. */
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
