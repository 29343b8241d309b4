import type { Notice } from "../model/machine.ts";
import { askProgram } from "../process/run-program.ts";
import { isPublicKey, keyOf } from "./public-keys.ts";

/** The public keys that the SSH agent has now; none without an agent, or when it does not answer. */
export async function observeAgent(): Promise<string[]> {
  if (!process.env.SSH_AUTH_SOCK) return [];
  // A locked or forwarded agent may never answer. ssh-add also fails for an agent without keys or one that it cannot reach: neither has
  // keys to add.
  const { ok, stdout } = await askProgram("ssh-add", ["-L"], { seconds: 3 });
  return ok ? publicKeysIn(stdout) : [];
}

/** The public keys in the output of `ssh-add -L`, which also lists certificates. */
export function publicKeysIn(list: string): string[] {
  return list
    .split("\n")
    .map((line) => line.replace(/\p{Cc}/gu, "").trim()) // a key's comment is arbitrary text
    .filter(isPublicKey);
}

/**
 * The agent's keys that may log in: the present ones, and those that it had when the box last got its keys. So an agent that comes
 * and goes, as with each login of the user, is no drift.
 */
export function agentKeys(remembered: readonly string[], present: readonly string[]): string[] {
  const known = new Set(remembered.map(keyOf));
  return [...remembered, ...present.filter((key) => !known.has(keyOf(key)))];
}

/** Reports the agent's keys that the box does not have yet: the plan does not show that change, because its input is secret. */
export function newAgentKeys(remembered: readonly string[], all: readonly string[]): Notice[] {
  const known = new Set(remembered.map(keyOf));
  const names = all
    .filter((key) => !known.has(keyOf(key)))
    .map((key) => key.split(" ").slice(2).join(" ") || "one without a comment");
  if (names.length === 0) return [];
  const text = `keys of the SSH agent that the box will also accept (ssh.pubkey_file): ${names.join(", ")}`;
  return [{ severity: "info", text }];
}
