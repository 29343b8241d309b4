import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { takeStack } from "../../src/cli/commands/ssh.ts";
import { sshWord } from "../../src/model/ssh-word.ts";
import { ownKeys } from "../../src/observe/own-keys.ts";

test("a word with a blank is quoted for ssh, and no other", () => {
  assert.equal(sshWord("/home/ada/.ssh/id_ed25519"), "/home/ada/.ssh/id_ed25519");
  assert.equal(sshWord("/home/ada lovelace/key"), '"/home/ada lovelace/key"');
});

test("ssh's own options are none of ours: the stack comes first, or it is sandbox", () => {
  assert.deepEqual(takeStack([]), ["sandbox", []]);
  assert.deepEqual(takeStack(["dev", "-N", "-L", "1:localhost:2"]), ["dev", ["-N", "-L", "1:localhost:2"]]);
  assert.deepEqual(takeStack(["-X", "xclock"]), ["sandbox", ["-X", "xclock"]]);
  assert.deepEqual(takeStack(["dev", "ls", "--", "-a b"]), ["dev", ["ls", "--", "-a b"]]);
});

describe("the user's own keys", () => {
  let home: string;
  const key = (name: string): string => {
    writeFileSync(join(home, name), "");
    writeFileSync(join(home, `${name}.pub`), "");
    return join(home, name);
  };
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "benchbox keys "));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  test("with the usual names, in the home of the user database, are ssh's to find", () => {
    key("id_ed25519");
    key("id_rsa");
    assert.deepEqual(ownKeys(home, true), []);
  });

  test("are all named once one of them has another name", () => {
    assert.deepEqual([key("id_ed25519"), key("id_work")].sort(), ownKeys(home, true));
  });

  test("are named where ssh looks in another home", () => {
    assert.deepEqual([key("id_ed25519")], ownKeys(home, false));
  });

  test("have a private half here", () => {
    key("id_work");
    rmSync(join(home, "id_work"));
    symlinkSync("nowhere", join(home, "id_work"));
    assert.deepEqual(ownKeys(home, false), []);
    assert.deepEqual(ownKeys(join(home, "none"), false), []);
  });
});
