import { execFile } from "node:child_process";
import type { Notice } from "../model/machine.ts";
import { isPublicKey, keyOf } from "./public-keys.ts";

/** How long the agent may take to answer, in milliseconds: one that is locked or forwarded may never do. */
const timeLimit = 3_000;

/** The public keys that the SSH agent has now. None when there is no agent, or it does not answer. */
export function observeAgent(): Promise<string[]> {
  if (!process.env.SSH_AUTH_SOCK) return Promise.resolve([]);
  return new Promise((resolve) => {
    // An agent without keys and one that cannot be reached have exit codes of their own; either has nothing to add.
    execFile("ssh-add", ["-L"], { encoding: "utf8", timeout: timeLimit }, (error, stdout) =>
      resolve(error ? [] : publicKeysIn(stdout)),
    );
  });
}

/** An agent also lists certificates, which authorized_keys has no use for. */
export function publicKeysIn(list: string): string[] {
  return list
    .split("\n")
    .map((line) => line.replace(/\p{Cc}/gu, "").trim()) // a comment is whatever its writer likes
    .filter(isPublicKey);
}

/**
 * The agent's keys that may log in: those it has now, and those it had when the box was last handed its keys. So an agent
 * that comes and goes, as with each login of the user, is no difference.
 */
export function agentKeys(remembered: readonly string[], present: readonly string[]): string[] {
  const known = new Set(remembered.map(keyOf));
  return [...remembered, ...present.filter((key) => !known.has(keyOf(key)))];
}

/** Says which of the agent's keys the box does not know yet: in the plan they are a change that is not shown. */
export function newAgentKeys(remembered: readonly string[], all: readonly string[]): Notice[] {
  const known = new Set(remembered.map(keyOf));
  const names = all
    .filter((key) => !known.has(keyOf(key)))
    .map((key) => key.split(" ").slice(2).join(" ") || "one without a name");
  if (names.length === 0) return [];
  const text = `These keys of the SSH agent are new to the box, and will be let in (ssh.pubkey_file): ${names.join(", ")}`;
  return [{ severity: "info", text }];
}
