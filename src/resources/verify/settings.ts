/** A place that makes programs use a proxy, whoever's it is. */
export interface Setting {
  /** The variable or key that is set. */
  readonly name: string;
  /** From 1. */
  readonly line: number;
}

/**
 * The proxy settings in a configuration file of an image: lines that are in effect and set a value. Comments, empty
 * values, `false`, `DIRECT` and values that only stand for another variable set nothing. Undefined for any other file.
 * The path is without a leading /.
 */
export function settingsReader(path: string): ((text: string) => Setting[]) | undefined {
  return readers.find(([paths]) => paths.test(path))?.[1];
}

/** What a line of an image's history sets: build arguments, ENV, ARG, and what a command sets for itself. */
export function historySettings(line: string): string[] {
  return [...namesIn(line, assignment), ...namesIn(line, aptOption)];
}

/** Whether an entry of an image's environment tells programs of a proxy. Any non-empty value does. */
export function environmentSetting(entry: string): string | undefined {
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(entry) ?? [];
  return name && /proxy/i.test(name) && value ? name : undefined;
}

const home = "(?:root|home/[^/]+|etc/skel)";
const readers: readonly (readonly [RegExp, (text: string) => Setting[]])[] = [
  [
    new RegExp(
      `^(?:etc/(?:environment|profile|profile\\.d/.+|bash\\.bashrc|zsh/zshenv|zsh/zshrc|zsh/zprofile|security/pam_env\\.conf)|${home}/\\.(?:bashrc|profile|bash_profile|bash_login|zshrc|zshenv|zprofile|pam_environment|config/environment\\.d/.+))$`,
    ),
    (text) => byLine(text, /^\s*#/, (line) => [...namesIn(line, assignment), ...namesIn(line, pamAssignment)]),
  ],
  [/^etc\/apt\/apt\.conf(?:\.d\/.+)?$/, (text) => byLine(text, /^\s*(?:#|\/\/)/, (line) => namesIn(line, aptOption))],
  [
    new RegExp(
      `^(?:etc/(?:pip\\.conf|npmrc|gitconfig|wgetrc)|usr/etc/npmrc|${home}/\\.(?:npmrc|gitconfig|curlrc|wgetrc|pip/pip\\.conf|config/(?:pip/pip\\.conf|git/config|curlrc)))$`,
    ),
    (text) => byLine(text, /^\s*[#;]/, (line) => [...namesIn(line, key), ...namesIn(line, curlOption)]),
  ],
];

// Each of them finds a name and a value, in this order.
const value = `("[^"]*"|'[^']*'|[^\\s;&|)]*)`;
/** A shell's, and what Docker shows of build arguments. Not `local`, which ends with its function. */
const assignment = new RegExp(`(?<![\\w$.{:-]|local )([a-z_]\\w*proxy\\w*|proxy\\w*)=${value}`, "gi");
const pamAssignment = new RegExp(`^\\s*(\\w*proxy\\w*)\\s+.*\\b(?:DEFAULT|OVERRIDE)=${value}`, "gi");
/** `Acquire::http::Proxy "..."`, with = on a command line, and its short form within braces. */
const aptOption = new RegExp(
  `((?:[\\w-]+::)*(?<![\\w-])Proxy(?:-?Auto-?Detect)?(?:::[\\w.:-]+)?)(?:\\s+|=)(?=["'\\w])${value}`,
  "gi",
);
const key = new RegExp(`^\\s*(?:--)?([\\w.-]*proxy[\\w.-]*)\\s*[=:\\s]\\s*${value}`, "gi");
const curlOption = new RegExp(`^\\s*(?:--)?(-x|socks[45][ah]?(?:-hostname)?)\\s*[=:\\s]\\s*${value}`, "gi");

function namesIn(line: string, pattern: RegExp): string[] {
  return [...line.matchAll(pattern)].flatMap(([, name = "", found = ""]) => (sets(name, found) ? [name] : []));
}

/** Variables that every program knows take any value; of other names with `proxy` in them only an address is a setting. */
function sets(name: string, quoted: string): boolean {
  const bare = quoted.replace(/^(["'])(.*)\1$/, "$2");
  if (/^(?:|\$.*|false|direct|none|null|off|no|0|on|yes|true|1|\*)$/i.test(bare) && !/^\$.*:\/\//.test(bare))
    return false;
  if (
    /^(?:-x|socks.*|(?:https?|ftp|rsync|all|socks|no)_proxy|(?:https?-|no-?|pre)?proxy|proxy[-_](?:user|password)|.*::.*)$/i.test(
      name,
    )
  )
    return true;
  return /:\/\/|:\d{2,5}\b/.test(bare);
}

function byLine(text: string, comment: RegExp, names: (line: string) => string[]): Setting[] {
  // Block comments of apt; one with quotes in it may be no comment but two globs, so it stays.
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, (block) => (/"/.test(block) ? block : block.replace(/[^\n]/g, "")));
  return bare.split("\n").flatMap((line, at) => {
    if (comment.test(line)) return [];
    return [...new Set(names(line))].map((name) => ({ name, line: at + 1 }));
  });
}
