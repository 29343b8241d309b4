import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { withLock } from "../../src/process/file-lock.ts";

test("a lock is held by one at a time, and by nobody once its process is killed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox lock "));
  t.after(() => rmSync(folder, { recursive: true }));
  const held: number[] = [];
  const hold = async (turn: number): Promise<void> => {
    held.push(turn);
    await new Promise((resolve) => setTimeout(resolve, 50));
    held.push(turn);
  };
  await Promise.all([1, 2, 3].map((turn) => withLock(folder, () => hold(turn))));
  assert.ok(
    [0, 2, 4].every((at) => held[at] === held[at + 1]),
    String(held),
  );

  const program = `import { withLock } from ${JSON.stringify(join(import.meta.dirname, "../../src/process/file-lock.ts"))};
    await withLock(process.argv[1], () => { console.log("held"); return new Promise(() => setInterval(() => {}, 1000)); });`;
  const other = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program, folder]);
  await once(other.stdout, "data");
  other.kill("SIGKILL");
  assert.equal(await withLock(folder, () => "mine"), "mine");
});

test("what fails under the lock gives it back", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox lock "));
  t.after(() => rmSync(folder, { recursive: true }));
  await assert.rejects(
    withLock(folder, () => Promise.reject(new Error("no"))),
    /^Error: no$/,
  );
  assert.equal(await withLock(folder, () => 1), 1);
});
