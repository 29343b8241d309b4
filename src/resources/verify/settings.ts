/** A setting that makes programs use a proxy, whichever proxy it is. */
export interface Setting {
  /** The variable or key that is set. */
  readonly name: string;
  /** The line's number, from 1. */
  readonly line: number;
}

/**
 * A function that finds the proxy settings in a configuration file of an image; undefined for any other file. Comments, empty values,
 * `false`, `DIRECT` and values that only refer to another variable set nothing.
 *
 * @param path without a leading /
 */
export function settingsReader(path: string): ((text: string) => Setting[]) | undefined {
  return readers.find(([paths]) => paths.test(path))?.[1];
}

/** Names of the proxy settings in a line of an image's history: build arguments, ENV, ARG, and variables that a command sets for itself. */
export function historySettings(line: string): string[] {
  return [...namesIn(line, assignment), ...namesIn(line, aptOption)];
}

/** The name of an environment entry that sets a proxy, which any non-empty value does; undefined for other entries. */
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

// Each pattern has two groups: a name and a value.
const value = `("[^"]*"|'[^']*'|[^\\s;&|)]*)`;
/** An assignment in a shell, or a build argument in Docker's history. Not `local`, whose effect ends with its function. */
const assignment = new RegExp(`(?<![\\w$.{:-]|local )([a-z_]\\w*proxy\\w*|proxy\\w*)=${value}`, "gi");
const pamAssignment = new RegExp(`^\\s*(\\w*proxy\\w*)\\s+.*\\b(?:DEFAULT|OVERRIDE)=${value}`, "gi");
/** `Acquire::http::Proxy "..."`, with = on a command line, or in its short form within braces. */
const aptOption = new RegExp(
  `((?:[\\w-]+::)*(?<![\\w-])Proxy(?:-?Auto-?Detect)?(?:::[\\w.:-]+)?)(?:\\s+|=)(?=["'\\w])${value}`,
  "gi",
);
const key = new RegExp(`^\\s*(?:--)?([\\w.-]*proxy[\\w.-]*)\\s*[=:\\s]\\s*${value}`, "gi");
const curlOption = new RegExp(`^\\s*(?:--)?(-x|socks[45][ah]?(?:-hostname)?)\\s*[=:\\s]\\s*${value}`, "gi");

function namesIn(line: string, pattern: RegExp): string[] {
  return [...line.matchAll(pattern)].flatMap(([, name = "", found = ""]) => (sets(name, found) ? [name] : []));
}

/** Well-known variables count with any value; other names that contain `proxy` count only with an address. */
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
  // Removes apt's block comments. What looks like one with quotes in it may be two globs, so it stays.
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, (block) => (/"/.test(block) ? block : block.replace(/[^\n]/g, "")));
  return bare.split("\n").flatMap((line, at) => {
    if (comment.test(line)) return [];
    return [...new Set(names(line))].map((name) => ({ name, line: at + 1 }));
  });
}
