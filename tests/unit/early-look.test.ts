import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { stackValues } from "../../config/stack-values.ts";
import { beginLook, lookAt, machineLookedAt } from "../../observe/early-look.ts";

const directory = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "benchbox-early-"));
after(() => rmSync(home, { recursive: true }));
const options = { directory, stack: "sandbox", home, ...stackValues(directory, "sandbox") };

test("of files that declare no machine an early look says nothing, and the program looks itself", () => {
  const missing = { ...options, stack: "missing" };
  beginLook(missing);
  assert.equal(machineLookedAt(missing), undefined);
});

test("a look that was begun with the same options is not begun again", async () => {
  beginLook(options);
  const machine = machineLookedAt({ ...options });
  assert.equal(machine?.name, "benchbox-sandbox");
  assert.equal(lookAt(machine), lookAt(machine));
  assert.ok("engine" in (await lookAt(machine)).host);
});

test("one that was begun with other options is of no use", () => {
  const key = `${options.project}:hostname`;
  assert.equal(machineLookedAt({ ...options, engineConfig: { ...options.engineConfig, [key]: "other" } }), undefined);
});
