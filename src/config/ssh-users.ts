import type { Checked } from "../model/checked.ts";
import type { User } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { readPublicKeys } from "../observe/public-keys.ts";
import type { UserConfig } from "./user-config.ts";
import type { Path } from "./yaml-source.ts";

export interface SshUsers {
  readonly users: readonly User[];
  /** One message for each value that does not mean what it appears to. */
  readonly notes: readonly string[];
}

/** Creates a problem with the option at `path`. */
type ToProblem = (path: Path, message: string) => Problem;

/** Reads the public keys of each user from the user's own `pubkey_file`, or from `ssh.pubkey_file`. */
export function readUsers(ssh: UserConfig["ssh"], home: string, toProblem: ToProblem): Checked<SshUsers> {
  const notes: string[] = [];
  const problems: Problem[] = [];
  const keysOf = (option: string | null, path: Path) => {
    const problem = (message: string): Problem => toProblem(path, message);
    if (option === null) {
      const { file, line, path: text } = problem("");
      notes.push(`${file}:${line}: ${text}: a bare ~ is null in YAML; it is read as "~". Quote it, or omit the key.`);
    }
    const keys = readPublicKeys(option, home, problem);
    if ("value" in keys) return keys.value;
    problems.push(...keys.problems);
    return { lines: [], withAgent: false };
  };
  const shared = keysOf(ssh.pubkey_file, ["ssh", "pubkey_file"]);
  const users = ssh.users.map(({ pubkey_file: own, ...user }, index): User => {
    const path = ["ssh", "users", index, "pubkey_file"];
    const keys = own === undefined ? shared : keysOf(own, path);
    if (user.sudo && user.password === undefined)
      notes.push(`${user.name} has no password, so sudo does not ask for one (sudo: false disables sudo)`);
    return { ...user, publicKeys: keys.lines, withAgent: keys.withAgent };
  });
  return problems.length > 0 ? { problems } : { value: { users, notes } };
}
