import type { Checked } from "../model/checked.ts";
import type { User } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { keyOf, type PublicKeys, readPublicKeys } from "../observe/public-keys.ts";
import type { UserConfig } from "./user-config.ts";
import { assignIds, type Ids } from "./user-ids.ts";
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
  const ids = assignIds(ssh.users);
  const keysOf = (option: UserConfig["ssh"]["pubkey_file"], path: Path): PublicKeys => {
    if (!Array.isArray(option)) return keysIn(option, path);
    const all = option.map((one, index) => keysIn(one, [...path, index]));
    const lines = new Map(all.flatMap((one) => one.lines.map((line) => [keyOf(line), line])));
    return { lines: [...lines.values()], withAgent: all.some(({ withAgent }) => withAgent) };
  };
  const keysIn = (option: string | null, path: Path): PublicKeys => {
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
    return { ...user, ...(ids[index] as Ids), publicKeys: keys.lines, withAgent: keys.withAgent };
  });
  return problems.length > 0 ? { problems } : { value: { users, notes } };
}
