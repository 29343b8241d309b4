import assert from "node:assert/strict";
import { test } from "node:test";
import { agentKeys, publicKeysIn } from "../../observe/agent.ts";

const one = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtTFY9GAhtEMZc1veMu53Yx9V68QdQDRy4GPNiTdbvy one";
const two = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIITa3kt8lytr+QyqvT7xIZDJJluCekttgob2ZitMgCj two";

test("an agent's list is its plain keys: certificates and sentences are left out", () => {
  const certificate = "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t cert";
  assert.deepEqual(publicKeysIn(`${one}\n${certificate}\nThe agent has no identities.\n${two}\n`), [one, two]);
});

test("a key that an agent once had stays when the agent goes, and keeps its line when the agent names it otherwise", () => {
  assert.deepEqual(agentKeys([one], []), [one]);
  assert.deepEqual(agentKeys([one], [two, one.replace(/one$/, "cardno:1")]), [one, two]);
});
