/** A command of the Pulumi CLI that needs something of ours before or after it, by its first name. */
export type CliCommand = "up" | "preview" | "refresh" | "destroy" | "watch" | "config" | "state" | "stack" | "import";

/** What matters here of the words that the Pulumi CLI is called with. */
export interface CliWords {
  /** Undefined where the CLI is to be left alone. */
  readonly command: CliCommand | undefined;
  readonly stack: string | undefined;
  /** The folder of `-C`. */
  readonly directory: string | undefined;
  /** `--yes` */
  readonly isConfirmed: boolean;
  readonly isRefresh: boolean;
  readonly isDebug: boolean;
  /** `pulumi stack import` */
  readonly isStackImport: boolean;
}

const commands = new Map<string, CliCommand>([
  ["up", "up"],
  ["update", "up"],
  ["preview", "preview"],
  ["pre", "preview"],
  ["refresh", "refresh"],
  ["destroy", "destroy"],
  ["down", "destroy"],
  ["dn", "destroy"],
  ["watch", "watch"],
  ["config", "config"],
  ["state", "state"],
  ["stack", "stack"],
  ["import", "import"],
]);

/** Options that may stand before the command and whose value is the next word, as that of -s and -C is. */
const withValue = ["--color", "--memprofilerate", "--otel-traces", "--profiling", "--tracing", "--verbose", "-v"];

/** Who gives one of these knows better: help needs nothing, and another configuration file is not ours to compose. */
const leftAlone = /^(--help|-h|--config-file(=.*)?)$/;

export function readCliWords(words: readonly string[]): CliWords {
  const end = words.indexOf("--");
  const options = end === -1 ? words : words.slice(0, end);
  const names: string[] = [];
  let stack: string | undefined;
  let directory: string | undefined;
  for (let index = 0; index < options.length; index++) {
    const word = options[index] ?? "";
    const [, short, long, value] = /^(?:(-[sC])=?|(--stack|--cwd)(?:=|$))(.*)$/.exec(word) ?? [];
    const option = short ?? long;
    if (option !== undefined) {
      const given = word === option ? options[++index] : value;
      if (option === "-s" || option === "--stack") stack = given;
      else directory = given;
    } else if (withValue.includes(word)) index++;
    else if (!word.startsWith("-")) names.push(word);
  }
  const has = (...spellings: readonly string[]): boolean => spellings.some((one) => options.includes(one));
  const command = options.some((word) => leftAlone.test(word)) ? undefined : commands.get(names[0] ?? "");
  return {
    command,
    stack,
    directory,
    isConfirmed: has("-y", "--yes"),
    isRefresh: has("-r", "--refresh", "--refresh=true"),
    isDebug: has("-d", "--debug"),
    isStackImport: command === "stack" && names[1] === "import",
  };
}

/** The words with more options, before what follows `--`. */
export function withOptions(words: readonly string[], ...options: readonly string[]): string[] {
  const end = words.indexOf("--");
  return words.toSpliced(end === -1 ? words.length : end, 0, ...options);
}
