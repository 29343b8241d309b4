import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { agentKeys, newAgentKeys, observeAgent, publicKeysIn } from "../../src/observe/agent.ts";

const one = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtTFY9GAhtEMZc1veMu53Yx9V68QdQDRy4GPNiTdbvy one";
const two = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIITa3kt8lytr+QyqvT7xIZDJJluCekttgob2ZitMgCj two";

test("only the plain keys of an agent's list count, not its certificates and messages", () => {
  const certificate = "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t cert";
  assert.deepEqual(publicKeysIn(`${one}\n${certificate}\nThe agent has no identities.\n${two}\n`), [one, two]);
});

test("a key stays when the agent is gone, and keeps its line when the agent changes its comment", () => {
  assert.deepEqual(agentKeys([one], []), [one]);
  assert.deepEqual(agentKeys([one], [two, one.replace(/one$/, "cardno:1")]), [one, two]);
});

test("a key is reported until the box has it", () => {
  assert.match(newAgentKeys([one], [one, two])[0]?.text ?? "", /will also accept .*: two$/);
  assert.deepEqual(newAgentKeys([one, two], [one, two]), []);
});

test("a real agent returns its keys; an empty one, a dead one and no agent return none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bb-agent-"));
  const asked = (socket?: string): Promise<string[]> => {
    if (socket === undefined) delete process.env.SSH_AUTH_SOCK;
    else process.env.SSH_AUTH_SOCK = socket;
    return observeAgent();
  };
  const before = process.env.SSH_AUTH_SOCK;
  const socket = join(folder, "s");
  const agent = execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" });
  try {
    assert.deepEqual(await asked(socket), []);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "mine", "-f", join(folder, "key")]);
    execFileSync("ssh-add", ["-q", join(folder, "key")], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const [key = "", ...others] = await asked(socket);
    assert.match(key, /^ssh-ed25519 AAAA\S+ mine$/);
    assert.deepEqual(others, []);
    assert.deepEqual(await asked(join(folder, "nothing")), []);
    assert.deepEqual(await asked(), []);
  } finally {
    process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(agent)?.[1]));
    if (before !== undefined) process.env.SSH_AUTH_SOCK = before;
    rmSync(folder, { recursive: true });
  }
});
