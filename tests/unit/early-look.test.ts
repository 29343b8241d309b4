import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { projectOf } from "../../src/config/files.ts";
import { beginObservation, observedMachine, observeOnce } from "../../src/program/early-observation.ts";

const directory = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "benchbox-early-"));
after(() => rmSync(home, { recursive: true }));
const project = projectOf(directory);
const options = { directory, project, stack: "sandbox", engineConfig: {}, home };

test("an early observation ignores errors in the stack's files, which the program reports", () => {
  const missing = { ...options, stack: "missing" };
  beginObservation(missing);
  assert.equal(observedMachine(missing), undefined);
});

test("an observation with the same options does not begin again", async () => {
  beginObservation(options);
  const machine = observedMachine({ ...options });
  assert.equal(machine?.name, "benchbox-sandbox");
  assert.equal(observeOnce(machine), observeOnce(machine));
  assert.ok("engine" in (await observeOnce(machine)).host);
});

test("an observation with other options is not used", () => {
  assert.equal(observedMachine({ ...options, engineConfig: { [`${project}:hostname`]: "other" } }), undefined);
});
