import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Checked } from "../model/checked.ts";
import { hiddenValue, isSecret, type Problem } from "../model/problem.ts";
import type { ConfigSource } from "./config-source.ts";
import type { Path } from "./yaml-source.ts";

/** Validates the values of `source` against `schema`. Pure. */
export function check<S extends z.ZodType>(schema: S, source: ConfigSource): Checked<z.output<S>> {
  const result = schema.safeParse(source.value, { reportInput: true });
  if (result.success) return { value: result.data };
  /** Whether the value is a number or a boolean that would be valid as a string. */
  const isUnquoted: IsUnquoted = ({ path, input, message }) => {
    if ((typeof input !== "number" && typeof input !== "boolean") || message.includes("quoted")) return false;
    const quoted = schema.safeParse(withValueAt(source.value, path, String(input)));
    return !quoted.error?.issues.some((other) => isDeepStrictEqual(other.path, path));
  };
  return { problems: result.error.issues.flatMap((issue) => toProblems(issue, source, isUnquoted)) };
}

type IsUnquoted = (issue: z.core.$ZodIssue) => boolean;

/** A copy of `whole` with `value` at the given path. */
function withValueAt(whole: unknown, [key, ...rest]: readonly PropertyKey[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = Array.isArray(whole) ? [...whole] : { ...(whole as object) };
  return Object.assign(copy, { [key]: withValueAt((whole as Record<PropertyKey, unknown>)[key], rest, value) });
}

function toProblems(issue: z.core.$ZodIssue, source: ConfigSource, isUnquoted: IsUnquoted): Problem[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  const at = (where: Path, message: string): Problem => source.problem(where, message);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => at([...path, key], `unknown option; ${fixOf(key)}`));
    case "invalid_key":
      return [at(path, `${found(path.at(-1), path)} ${issue.issues[0]?.message ?? issue.message}`)];
    case "invalid_type": {
      const isCustom = !isDefaultMessage(issue.message);
      if (issue.input === undefined) {
        return [at(path, `is missing; ${isCustom ? `it ${issue.message}` : `write ${inWords(issue.expected)}`}`)];
      }
      const rule = isCustom ? issue.message : `must be ${inWords(issue.expected)}`;
      return [at(path, `${found(issue.input, path)} ${rule}${isUnquoted(issue) ? ": quote it" : ""}`)];
    }
    case "invalid_union":
    case "invalid_value":
      return [at(path, issue.input === undefined ? issue.message : `${found(issue.input, path)} ${issue.message}`)];
    default: // of a list or a mapping, which has the right type here, the message alone is clearer
      return [at(path, isScalar(issue.input) ? `${found(issue.input, path)} ${issue.message}` : issue.message)];
  }
}

/** Keys of PeiDocker that have another name here. */
const peiDockerNames: Readonly<Record<string, string>> = { on_every_run: "on_every_start", on_user_login: "on_login" };

/** The documentation writes a nested option as `ssh.port`, so users may copy that form into the file. */
function fixOf(key: string): string {
  const renamed = peiDockerNames[key];
  if (renamed !== undefined) return `write it as \`${renamed}\``;
  const [first, ...rest] = key.split(".");
  return rest.length > 0 ? `write it as \`${first}: { ${rest.join(": { ")}: … }\`` : "remove it or fix the spelling";
}

/** Zod's type names that differ from YAML's. */
const typeWords: Readonly<Record<string, string>> = { object: "a mapping", record: "a mapping", array: "a list" };
const inWords = (type: string): string => typeWords[type] ?? `a ${type}`;

/** Zod's own messages start with this; ours continue a sentence that starts with the value: "must be …". */
const isDefaultMessage = (message: string): boolean => message.startsWith("Invalid input");

const isScalar = (input: unknown): boolean => input !== undefined && (input === null || typeof input !== "object");

function found(input: unknown, path: Path): string {
  if (isSecret(path)) return hiddenValue;
  if (input === null) return "is empty (null) but";
  if (Array.isArray(input)) return "is a list but";
  if (typeof input === "object") return "is a mapping but";
  return JSON.stringify(input).replace(/\/\/[^/\s"]*@/g, "//***@"); // an address may contain credentials
}
