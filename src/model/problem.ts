import { UserError } from "./user-error.ts";

/** A problem in a configuration file. */
export interface Problem {
  /** Path of the file, relative to the project. */
  readonly file: string;
  /** Line of the invalid key or value, 1-based. */
  readonly line: number;
  /** Path of the option, for example `ssh.users[0].uid`; empty for the file as a whole. */
  readonly path: string;
  /** The problem and the fix, in one or two sentences. */
  readonly message: string;
}

/** Options with secret values, which no message may show. */
const secretOptions: readonly unknown[] = ["password"];

/** Whether the value at a path is a secret. */
export const isSecret = (path: readonly unknown[]): boolean =>
  secretOptions.includes(path.at(-1)) || String(path.at(-2)).endsWith("secrets");

/** The text that a message shows instead of a secret. */
export const hiddenValue = "the value (not shown)";

/** All problems of a configuration in one error, so that one run reports everything to fix. */
export class ConfigurationError extends UserError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const inOrder = sorted(problems);
    super(describeProblems(inOrder));
    this.name = "ConfigurationError";
    this.problems = inOrder;
  }
}

/** By file and line, as a person reads: the Pulumi engine hands over a stack's options in an order of its own. */
function sorted(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  return [...problems].sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line);
}

function describeProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ file, line, path, message }) =>
    path === "" ? `  ${file}:${line}: ${message}` : `  ${file}:${line}: ${path}: ${message}`,
  );
  return [`the configuration has ${count}; nothing was changed`, ...lines].join("\n");
}
