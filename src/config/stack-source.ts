import { isDeepStrictEqual } from "node:util";
import { ConfigurationError, type Problem } from "../model/problem.ts";
import { type ConfigSource, isMapping, sourceOf } from "./config-source.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** A stack's configuration as the Pulumi engine gives it to a program: `project:key` to text, objects as JSON. */
export type EngineConfig = Readonly<Record<string, string>>;

/** An option as the file has it. */
interface Written {
  readonly key: string;
  readonly value: unknown;
}

/**
 * The options of `Pulumi.<stack>.yaml`, the same to a program that the Pulumi engine runs as to a command that does without it.
 *
 * A value of the file is what the file says, as our own reader reads it: the engine hands over the text of a value without its type,
 * so that the number 7 and the text "7" would be one. The engine's value is taken where it is another one, which
 * `-c key=value` and `--config-file` make.
 *
 * @param engineConfig undefined where there is no engine: all values are the file's
 * @throws ConfigurationError where the file has no options, or options that only the engine could read
 */
export function stackSourceOf(yaml: YamlSource, project: string, engineConfig: EngineConfig | undefined): ConfigSource {
  refuseForm(yaml);
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
    if (holdsSecret(value)) problems.push(problem(encrypted));
    written.set(option, { key, value: inOrder(value) });
  }
  if (problems.length > 0) throw new ConfigurationError(problems);

  const value = engineConfig === undefined ? fromFile(written) : fromEngine(written, project, engineConfig);
  return sourceOf(yaml, value, pathOf);
}

const encrypted =
  "is encrypted, which only Pulumi can read: write it in plain text. No option is a secret; the box shows each to whoever inspects it";

/** Pulumi takes another form for a stack without options. */
function refuseForm(yaml: YamlSource): void {
  const example = "must be a mapping, for example `config:` and below it `  benchbox:gpu: none`";
  const refuse = (path: Path): never => {
    throw new ConfigurationError([sourceOf(yaml).problem(path, example)]);
  };
  if (yaml.value !== null && !isMapping(yaml.value)) refuse([]);
  const { config } = (yaml.value ?? {}) as { config?: unknown };
  if (config !== undefined && config !== null && !isMapping(config)) refuse(["config"]);
}

/** `gpu` of `benchbox:gpu`, `benchbox:config:gpu` and `gpu`, which are one to Pulumi; undefined for another project's. */
function optionOf(key: string, project: string): string | undefined {
  if (!key.includes(":")) return key;
  const [namespace, ...rest] = key.split(":");
  if (namespace !== project) return undefined;
  return rest.length === 2 && rest[0] === "config" ? rest[1] : rest.join(":");
}

/** As Pulumi writes an encrypted value, at whatever depth. */
function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries = Object.entries(value);
  if (isMapping(value) && entries.length === 1 && typeof value.secure === "string") return true;
  return entries.some(([, part]) => holdsSecret(part));
}

/** With its keys in the order in which the engine hands them over. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isMapping(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, inOrder(value[key])]));
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

/** Whether the engine's text is that of a value of the file. An empty one is empty text to the engine. */
function isSame(value: unknown, text: string): boolean {
  if (typeof value === "string") return value === text;
  if (value === null) return text === "";
  return isDeepStrictEqual(fromJson(text), value);
}

/** `pulumi config set KEY '{"port": 22022}'` writes a mapping as text. */
const parsed = (value: unknown): unknown =>
  typeof value === "string" && /^\s*[[{]/.test(value) ? (fromJson(value) ?? value) : value;

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says what must stand there
  }
}
