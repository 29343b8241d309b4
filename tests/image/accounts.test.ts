import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureBase, FreshBase, suites } from "./fresh-base.ts";

const undo: (() => void)[] = [];
before(() => undo.push(...suites.map(ensureBase)));
after(() => undo.forEach((remove) => void remove()));

for (const suite of suites) {
  test(`${suite}: users with ids of every range and names with dots get their own ids and subordinate ids`, async (t) => {
    const box = new FreshBase(t, suite, "none");
    await box.ok("groupadd sudo 2>/dev/null || true; touch /etc/subuid /etc/subgid");
    const output = await box.ok(
      "add-users peid:3100:1100:sudo ana.b:900123:900123:sudo low:500:500 top:2147483647:2147483647",
    );
    assert.doesNotMatch(output, /warning/i);
    assert.equal(await box.ok("id -u ana.b; id -g ana.b; id -u low; id -u top"), "900123\n900123\n500\n2147483647\n");
    const starts = (await box.ok("cut -d: -f2 /etc/subuid /etc/subgid")).trim().split("\n").map(Number);
    assert.equal(starts.length, 8);
    assert.ok(
      starts.every((start) => start > 2_147_483_647 && start + 65_536 < 2 ** 32),
      starts.join(" "),
    );
    assert.ok(Number(await box.ok("stat -c %s /var/log/lastlog")) < 3_000_000);
  });

  test(`${suite}: the usual ids have the distribution's own ranges`, async (t) => {
    const box = new FreshBase(t, suite, "none");
    await box.ok("groupadd sudo 2>/dev/null || true; touch /etc/subuid /etc/subgid; add-users peid:3100:1100:sudo");
    assert.equal(await box.ok("cat /etc/subuid"), "peid:100000:65536\n");
  });
}

test("an id that an account of the system has is refused, and the account is named", async (t) => {
  const box = new FreshBase(t, "trixie", "none");
  const { code, output } = await box.run("useradd --system --uid 500 daemon2; add-users ana:500:500");
  assert.notEqual(code, 0);
  assert.match(output, /cannot create user ana with id 500: in the base image daemon2 has this id/);
});
