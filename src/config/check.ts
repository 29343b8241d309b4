import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Checked } from "../model/checked.ts";
import { hiddenValue, isSecret, type Problem } from "../model/problem.ts";
import type { ConfigSource } from "./config-source.ts";
import type { Path } from "./yaml-source.ts";

/** Checks the values of `source` against `schema`. Pure. */
export function check<S extends z.ZodType>(schema: S, source: ConfigSource): Checked<z.output<S>> {
  const result = schema.safeParse(source.value, { reportInput: true });
  if (result.success) return { value: result.data };
  /** Whether a number or a boolean would be right as a string. */
  const isUnquoted: IsUnquoted = ({ path, input, message }) => {
    if ((typeof input !== "number" && typeof input !== "boolean") || message.includes("quoted")) return false;
    const quoted = schema.safeParse(replaced(source.value, path, String(input)));
    return !quoted.error?.issues.some((other) => isDeepStrictEqual(other.path, path));
  };
  return { problems: result.error.issues.flatMap((issue) => toProblems(issue, source, isUnquoted)) };
}

type IsUnquoted = (issue: z.core.$ZodIssue) => boolean;

/** The same values with another one at a path. */
function replaced(whole: unknown, [key, ...rest]: readonly PropertyKey[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = Array.isArray(whole) ? [...whole] : { ...(whole as object) };
  return Object.assign(copy, { [key]: replaced((whole as Record<PropertyKey, unknown>)[key], rest, value) });
}

function toProblems(issue: z.core.$ZodIssue, source: ConfigSource, isUnquoted: IsUnquoted): Problem[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  const at = (where: Path, message: string): Problem => source.problem(where, message);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => at([...path, key], `is not an option; ${insteadOf(key)}`));
    case "invalid_key":
      return [at(path, `${found(path.at(-1), path)} ${issue.issues[0]?.message ?? issue.message}`)];
    case "invalid_type":
      return issue.input === undefined
        ? [
            at(
              path,
              `is missing; ${isDefaultMessage(issue.message) ? `write ${inWords(issue.expected)}` : `it ${issue.message}`}`,
            ),
          ]
        : [
            at(
              path,
              `${found(issue.input, path)} ${isDefaultMessage(issue.message) ? `must be ${inWords(issue.expected)}` : issue.message}${isUnquoted(issue) ? ": quote it" : ""}`,
            ),
          ];
    default:
      return [at(path, issue.input === undefined ? issue.message : `${found(issue.input, path)} ${issue.message}`)];
  }
}

/** Options are written in the documentation as `ssh.port`. */
function insteadOf(key: string): string {
  const [first, ...rest] = key.split(".");
  return rest.length > 0 ? `write it as \`${first}: { ${rest.join(": { ")}: … }\`` : "remove it or mend its spelling";
}

/** Of zod's names of types those that are not YAML's. */
const typeWords: Readonly<Record<string, string>> = { object: "a mapping", record: "a mapping", array: "a list" };
const inWords = (type: string): string => typeWords[type] ?? `a ${type}`;

/** Zod's own texts start so; ours are written as the end of a sentence, "must be …". */
const isDefaultMessage = (message: string): boolean => message.startsWith("Invalid input");

function found(input: unknown, path: Path): string {
  if (isSecret(path)) return hiddenValue;
  if (input === null) return "is empty (null) and";
  if (Array.isArray(input)) return "is a list and";
  if (typeof input === "object") return "is a mapping and";
  return JSON.stringify(input).replace(/\/\/[^/\s"]*@/g, "//***@"); // an address may hold a login
}
