import { UserError } from "./user-error.ts";

/**
 * What is wrong in a configuration file, in the words of the person who wrote it.
 */
export interface Problem {
  /** The file as the user knows it, relative to the project. */
  readonly file: string;
  /** Line of the offending key or value, from 1. */
  readonly line: number;
  /** Where in the file, for example `ssh.users[0].uid`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and what to write instead, as one or two sentences. */
  readonly message: string;
}

/** Options whose values are secrets: a message must not show them. */
const secretOptions: readonly unknown[] = ["password"];

/** Whether the value at a path must not be shown. */
export const isSecret = (path: readonly unknown[]): boolean => secretOptions.includes(path.at(-1));

/** What a message shows instead of a secret. */
export const hiddenValue = "what stands there (not shown)";

/** All problems of a configuration, thrown at once so that one run shows everything there is to mend. */
export class ConfigurationError extends UserError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(describeProblems(problems));
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

function describeProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ file, line, path, message }) =>
    path === "" ? `  ${file}:${line}: ${message}` : `  ${file}:${line}: ${path}: ${message}`,
  );
  return [`The configuration has ${count}; nothing was changed.`, ...lines].join("\n");
}
