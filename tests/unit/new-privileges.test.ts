import assert from "node:assert/strict";
import { test } from "node:test";
import { hasDeadSudo, newPrivileges, saysNewPrivileges } from "../../src/plan/new-privileges.ts";

test("a new container says that sudo works, and one that was made without that stays as it is while sudo works", () => {
  assert.equal(saysNewPrivileges({}), true, "none is there");
  assert.equal(saysNewPrivileges({ securityOpts: [] }), false);
  assert.equal(saysNewPrivileges({ securityOpts: ["label=disable"], noNewPrivileges: false }), false);
  assert.equal(saysNewPrivileges({ securityOpts: [newPrivileges] }), true);
  assert.equal(saysNewPrivileges({ securityOpts: [], noNewPrivileges: true }), true);
  assert.equal(
    saysNewPrivileges({ securityOpts: ["no-new-privileges"] }),
    true,
    "sudo is new, so the container is, too",
  );
});

test("sudo is dead where nobody but the engine's settings wants it so", () => {
  assert.equal(hasDeadSudo({ securityOpts: [], noNewPrivileges: true }), true);
  assert.equal(hasDeadSudo({ securityOpts: ["no-new-privileges"], noNewPrivileges: true }), false);
  assert.equal(hasDeadSudo({ securityOpts: [], noNewPrivileges: false }), false);
  assert.equal(hasDeadSudo({}), false);
});
