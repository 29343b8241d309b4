import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { assertSilent } from "../e2e/plan.ts";
import { Clone, docker, freePort, password } from "./clone.ts";

// `box-round.ts`: creates, uses, restarts and purges a box on this host's Docker Engine.

const clone = new Clone(`round${process.pid}`, await freePort());
clone.usePreparedBase();
clone.firstRun();
const shared = mkdtempSync("/var/tmp/bb-shared."); // accessible for the user of a rootless Docker Engine
const stack = `Pulumi.${clone.stack}.yaml`;
clone.write(stack, `${clone.read(stack)}  benchbox:mounts: [{ host: ${JSON.stringify(shared)}, path: /shared }]\n`);
const doctor = () => clone.run(["bin/benchbox", "doctor", clone.stack]);

try {
  // The folder belongs to root. The doctor's fix gives it to the host's user to whom the box's user is mapped.
  const before = await doctor();
  const [, remedy] = /Fix: (sudo chown \d+:\d+ [^\n,]+)/.exec(before.output) ?? [];
  assert.ok(remedy, before.output);
  await clone.ok(["bash", "-c", remedy.replace(/^sudo /, "")]);
  const { code, output } = await doctor();
  assert.deepEqual([code, output.match(/^[x!] .*/gm)], [0, null], output);

  await clone.up();
  assert.equal(
    await clone.ssh(
      `echo ${password} | sudo -S -p '' id -u && touch ~/mine /shared/ours && stat -c %U ~/mine /shared/ours`,
    ),
    "0\npeid\npeid\n",
  );
  await assertSilent(clone);
  docker("stop", clone.name);
  await clone.up();
  assert.equal((await clone.ssh("stat -c %U ~/mine")).trim(), "peid");
  await assertSilent(clone);
} finally {
  await clone.purge();
  clone.remove();
  rmSync(shared, { recursive: true });
}
