import { execFileSync } from "node:child_process";

/**
 * `user.name` and `user.email` of the user's own git configuration, as far as they are set. Nothing else of it is read:
 * credentials stay where they are.
 */
export function readGitIdentity(home: string): Record<string, string> {
  const identity: Record<string, string> = {};
  for (const key of ["user.name", "user.email"]) {
    try {
      const words = ["config", "--global", "--get", key];
      identity[key] = execFileSync("git", words, {
        encoding: "utf8",
        env: { ...process.env, HOME: home },
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    } catch {
      // It is not set, or there is no git: then the box has none either.
    }
  }
  return identity;
}
