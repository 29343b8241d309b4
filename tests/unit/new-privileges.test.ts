import assert from "node:assert/strict";
import { test } from "node:test";
import { isSudoBroken, newPrivileges, setsNewPrivileges } from "../../src/plan/new-privileges.ts";

test("a new container gets the option, and one created without it keeps its options while sudo works", () => {
  assert.equal(setsNewPrivileges({}), true, "without a container");
  assert.equal(setsNewPrivileges({ securityOpts: [] }), false);
  assert.equal(setsNewPrivileges({ securityOpts: ["label=disable"], noNewPrivileges: false }), false);
  assert.equal(setsNewPrivileges({ securityOpts: [newPrivileges] }), true);
  assert.equal(setsNewPrivileges({ securityOpts: [], noNewPrivileges: true }), true);
  assert.equal(
    setsNewPrivileges({ securityOpts: ["no-new-privileges"] }),
    true,
    "sudo is new, which replaces the container",
  );
});

test("sudo is broken where only the Docker Engine's settings forbid it", () => {
  assert.equal(isSudoBroken({ securityOpts: [], noNewPrivileges: true }), true);
  assert.equal(isSudoBroken({ securityOpts: ["no-new-privileges"], noNewPrivileges: true }), false);
  assert.equal(isSudoBroken({ securityOpts: [], noNewPrivileges: false }), false);
  assert.equal(isSudoBroken({}), false);
});
