import assert from "node:assert/strict";
import { test } from "node:test";
import { composeConfig, hasSalt, withoutSalt } from "../../src/state/salt.ts";

const user = '# mine\nconfig:\n  benchbox:gpu: none   # a comment\r\n\n  benchbox:env: {A: "encryptionsalt: x"}\n';
const salt = "encryptionsalt: v1:abc=:v1:def\n";

test("what is composed is the user's file byte for byte, with the salt behind it", () => {
  assert.equal(composeConfig(user, salt), `${user}\n${salt}`);
});

test("a file that does not end with a line break is one line more", () => {
  assert.equal(composeConfig("config:\n  a: b", salt), `config:\n  a: b\n${salt}`);
});

test("a salt that plain `pulumi` wrote into the user's file stands once, as the one that is kept apart", () => {
  const both = `encryptionsalt: v1:old\n${user}secretsprovider: x\nencryptedkey: y\n`;
  assert.equal(composeConfig(both, salt), `${user}\n${salt}`);
});

test("only the salt of the file that is kept apart is taken", () => {
  assert.equal(composeConfig(user, `name: x\n${salt}config: {}\n`), `${user}\n${salt}`);
});

test("without a salt apart the file is as the user wrote it", () => {
  assert.equal(composeConfig(user, undefined), user);
});

test("taken back, nothing is changed but the salt", () => {
  assert.equal(withoutSalt(composeConfig(user, salt)), `${user}\n`);
});

test("a key of that name that is no key of the file itself is none of the salt", () => {
  assert.equal(hasSalt(user), false);
  assert.equal(hasSalt(`${user}encryptionsalt: v1:x\n`), true);
  assert.equal(hasSalt("  encryptedkey: x\n# secretsprovider: y\n"), false);
});
