import assert from "node:assert/strict";
import { test } from "node:test";
import { weaknessOf } from "../../src/config/password-strength.ts";

for (const password of [
  "123456",
  "correct",
  "Passw0rd!2024",
  "peid2024peid",
  "aaaaaaaaaaaaaaaaaaaa",
  "qwertyuiop[]",
  "kX9#mP2v",
]) {
  test(`"${password}" is weak, and the reason does not show it`, () => {
    const reason = weaknessOf(password, ["peid"]);
    assert.match(reason ?? "", /^it (has fewer than 12 characters|takes about 10\^\d+ guesses)$/);
  });
}

for (const password of ["7Yq-fan4-Lop2-kiw", "correct horse battery staple", "üblich-Zwölf-Möwen-51"]) {
  test(`"${password}" is strong`, () => assert.equal(weaknessOf(password, ["peid"]), undefined));
}
