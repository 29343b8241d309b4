import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { securityOf } from "../../src/plan/box-security.ts";
import { plainMachine } from "../support/machine.ts";
import { boxImage } from "./box-image.ts";
import { FreshBox } from "./fresh-box.ts";

/** A container with a box's capabilities and additional ones. ping has a file capability in Debian bookworm, but not in newer releases. */
function boxWith(t: TestContext, ...capabilities: readonly string[]): FreshBox {
  const { adds } = securityOf({ ...plainMachine, capabilities }, false).capabilities as { adds: readonly string[] };
  const words = ["--cap-drop=ALL", ...adds.map((name) => `--cap-add=${name}`)];
  const box = new FreshBox(boxImage("bookworm", ["iputils-ping"]), { words });
  t.after(() => box.remove());
  return box;
}
const device = "mknod /tmp/null c 1 3 && echo x >/tmp/null";
const grant = (name: string) =>
  `install -m 755 /bin/true /tmp/granted && setcap ${name}+ep /tmp/granted && getcap /tmp/granted`;

test("in a box a user can ping, and root can create pipes, but no devices and no file capabilities", async (t) => {
  const box = boxWith(t);
  assert.match(await box.ok("peid", "ping -c 1 127.0.0.1"), / 1 received/);
  await box.ok("root", "mknod /tmp/pipe p && getcap /bin/true");
  for (const command of [device, grant("cap_net_raw")]) {
    const { code, output } = await box.run("root", command);
    assert.notEqual(code, 0);
    assert.match(output, /Operation not permitted/);
  }
});

test("with MKNOD and SETFCAP root can create both, and a program with a capability that the box has starts", async (t) => {
  const box = boxWith(t, "CAP_MKNOD", "CAP_SETFCAP");
  await box.ok("root", device);
  await box.ok("root", grant("cap_net_bind_service"));
  await box.ok("peid", "/tmp/granted");
  await box.ok("root", grant("cap_net_raw"));
  assert.match((await box.run("peid", "/tmp/granted")).output, /Operation not permitted/);
});
