import { isDeepStrictEqual } from "node:util";
import { ConfigurationError, type Problem } from "../model/problem.ts";
import { type ConfigSource, isMapping, sourceOf } from "./config-source.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** A stack's configuration as the Pulumi engine passes it to a program: `project:key` to text, objects as JSON. */
export type EngineConfig = Readonly<Record<string, string>>;

/** An option as written in the file. */
interface Written {
  readonly key: string;
  readonly value: unknown;
}

/**
 * The options of `Pulumi.<stack>.yaml`. A program that the Pulumi engine runs and a command that runs without it get the same values.
 *
 * Values come from the file, as this project's YAML parser reads them: the Pulumi engine passes the text of a value without its type,
 * so the number 7 and the text "7" would look the same. The engine's value is used where it differs from the file's, as with
 * `-c key=value` and `--config-file`.
 *
 * @param engineConfig undefined without the Pulumi engine: all values come from the file
 * @throws ConfigurationError when the file has an invalid form, an option twice, or an encrypted option
 */
export function stackSourceOf(yaml: YamlSource, project: string, engineConfig: EngineConfig | undefined): ConfigSource {
  validateForm(yaml);
  const { config } = (yaml.value ?? {}) as { readonly config?: Readonly<Record<string, unknown>> | null };
  const problems: Problem[] = [];
  const written = new Map<string, Written>();
  const pathOf = ([option, ...rest]: Path): Path =>
    option === undefined ? ["config"] : ["config", written.get(String(option))?.key ?? `${project}:${option}`, ...rest];

  for (const [key, value] of Object.entries(config ?? {})) {
    const option = optionOf(key, project);
    if (option === undefined) continue;
    const problem = (message: string): Problem => sourceOf(yaml).problem(["config", key], message);
    const before = written.get(option);
    if (before) problems.push(problem(`is the same option as \`${before.key}\`; remove one of the two`));
    if (option === "secrets")
      problems.push(...plainSecrets(value).map((name) => sourceOf(yaml).problem(["config", key, name], plain)));
    else if (holdsSecret(value)) problems.push(problem(encrypted));
    written.set(option, { key, value: sortKeys(value) });
  }
  if (problems.length > 0) throw new ConfigurationError(problems);

  const value = engineConfig === undefined ? fromFile(written) : fromEngine(written, project, engineConfig);
  return sourceOf(yaml, value, pathOf);
}

const encrypted =
  "is encrypted, and only Pulumi can decrypt it: write it in plain text. Only benchbox:secrets holds secrets; anyone who inspects the box sees other options";
const plain =
  "is a secret in plain text, which must not be in the file: write { file: PATH }, or set it with `pulumi config set --secret --path`";

/** The names of the secrets whose value is in the file as it is. */
const plainSecrets = (value: unknown): string[] =>
  isMapping(value)
    ? Object.entries(value).flatMap(([name, one]) => (isMapping(one) || one === null ? [] : [name]))
    : [];

/** Refuses a file of another form, which Pulumi would treat as a stack without options. */
function validateForm(yaml: YamlSource): void {
  const example = "must be a mapping, for example `config:` and, indented on the next line, `benchbox:gpu: none`";
  const refuse = (path: Path): never => {
    throw new ConfigurationError([sourceOf(yaml).problem(path, example)]);
  };
  if (yaml.value !== null && !isMapping(yaml.value)) refuse([]);
  const { config } = (yaml.value ?? {}) as { config?: unknown };
  if (config !== undefined && config !== null && !isMapping(config)) refuse(["config"]);
}

/** `gpu` for `benchbox:gpu`, `benchbox:config:gpu` and `gpu`, which Pulumi treats as the same; undefined for a key of another project. */
function optionOf(key: string, project: string): string | undefined {
  if (!key.includes(":")) return key;
  const [namespace, ...rest] = key.split(":");
  if (namespace !== project) return undefined;
  return rest.length === 2 && rest[0] === "config" ? rest[1] : rest.join(":");
}

/** Whether a value contains, at any depth, the form that Pulumi writes for an encrypted value. */
function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries = Object.entries(value);
  if (isMapping(value) && entries.length === 1 && typeof value.secure === "string") return true;
  return entries.some(([, part]) => holdsSecret(part));
}

/** The value with sorted keys, the order in which the Pulumi engine passes them. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isMapping(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

function fromFile(written: ReadonlyMap<string, Written>): Record<string, unknown> {
  return Object.fromEntries([...written].map(([option, { value }]) => [option, parsed(value)]));
}

function fromEngine(
  written: ReadonlyMap<string, Written>,
  project: string,
  engineConfig: EngineConfig,
): Record<string, unknown> {
  const own = Object.entries(engineConfig).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(
    own.map(([key, text]) => {
      const option = key.slice(project.length + 1);
      const file = written.get(option);
      return [option, parsed(file !== undefined && isSame(file.value, text) ? file.value : text)];
    }),
  );
}

/** Whether the Pulumi engine's text stands for a value of the file. An empty value is empty text to the engine. */
function isSame(value: unknown, text: string): boolean {
  if (typeof value === "string") return value === text;
  if (value === null) return text === "";
  return isDeepStrictEqual(fromJson(text), value);
}

/** Parses JSON in text: `pulumi config set KEY '{"port": 22022}'` writes a mapping as text. */
const parsed = (value: unknown): unknown =>
  typeof value === "string" && /^\s*[[{]/.test(value) ? (fromJson(value) ?? value) : value;

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema reports the expected form
  }
}
