import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { projectOf } from "../../src/config/files.ts";
import { beginObservation, lookAt, observedMachine } from "../../src/program/early-observation.ts";

const directory = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "benchbox-early-"));
after(() => rmSync(home, { recursive: true }));
const project = projectOf(directory);
const options = { directory, project, stack: "sandbox", engineConfig: {}, home };

test("of files that declare no machine an early look says nothing, and the program looks itself", () => {
  const missing = { ...options, stack: "missing" };
  beginObservation(missing);
  assert.equal(observedMachine(missing), undefined);
});

test("a look that was begun with the same options is not begun again", async () => {
  beginObservation(options);
  const machine = observedMachine({ ...options });
  assert.equal(machine?.name, "benchbox-sandbox");
  assert.equal(lookAt(machine), lookAt(machine));
  assert.ok("engine" in (await lookAt(machine)).host);
});

test("one that was begun with other options is of no use", () => {
  assert.equal(observedMachine({ ...options, engineConfig: { [`${project}:hostname`]: "other" } }), undefined);
});
