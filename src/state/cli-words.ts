/** The commands of the Pulumi CLI that need preparation or follow-up here. */
const commands = ["up", "preview", "refresh", "destroy", "watch", "config", "state", "stack", "import"] as const;
const aliases: Readonly<Record<string, string>> = { update: "up", pre: "preview", down: "destroy", dn: "destroy" };

/** The relevant parts of a command line of the Pulumi CLI. */
export interface CliWords {
  /** Undefined if the command line goes to the CLI unchanged. */
  readonly command: (typeof commands)[number] | undefined;
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

/** Options that may precede the command and take the next word as their value. -s and -C do so as well. */
const withValue = ["--color", "--memprofilerate", "--otel-traces", "--profiling", "--tracing", "--verbose", "-v"];

/**
 * With one of these options, the command line goes to the CLI unchanged: help needs no preparation, and neither does a custom config file.
 */
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
  const [name = ""] = names;
  const isLeftAlone = options.some((word) => leftAlone.test(word));
  const command = isLeftAlone ? undefined : commands.find((one) => one === (aliases[name] ?? name));
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

/** The words with more options added, before `--` if there is one. */
export function withOptions(words: readonly string[], ...options: readonly string[]): string[] {
  const end = words.indexOf("--");
  return words.toSpliced(end === -1 ? words.length : end, 0, ...options);
}
