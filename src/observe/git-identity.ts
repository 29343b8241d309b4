import { execFileSync } from "node:child_process";

const keys = ["user.name", "user.email"];

/**
 * `user.name` and `user.email` from the user's own git configuration, where they are set. Nothing else is read, so credentials stay
 * where they are.
 */
export function readGitIdentity(home: string): Record<string, string> {
  try {
    const words = ["config", "--global", "--null", "--get-regexp", `^(${keys.join("|").replaceAll(".", "\\.")})$`];
    const answer = execFileSync("git", words, {
      encoding: "utf8",
      env: { ...process.env, HOME: home },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const entries = answer.split("\0"); // each a key, a line break and a value
    return Object.fromEntries(keys.flatMap((key) => lastOf(key, entries)));
  } catch {
    return {}; // neither is set, or git is not installed
  }
}

/** The last value of a key wins, as in git. */
function lastOf(key: string, entries: readonly string[]): [string, string][] {
  const last = entries.findLast((entry) => entry === key || entry.startsWith(`${key}\n`));
  return last === undefined ? [] : [[key, last.slice(key.length).trim()]];
}
