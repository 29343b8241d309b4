import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const script = join(import.meta.dirname, "../../src/resources/gpu-clocks");
const needs = { skip: process.getuid?.() !== 0 && "setting clocks needs root" };

/** Runs the script with a fake nvidia-smi, which records its arguments. */
function runScript(t: TestContext, ...words: string[]): { code: number | null; stderr: string; calls: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "bb-clocks-"));
  t.after(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(import.meta.dirname, "../support/fake-nvidia-smi-clocks"), join(folder, "nvidia-smi"));
  const ran = spawnSync(script, words, { encoding: "utf8", env: { PATH: `${folder}:/usr/bin:/bin` } });
  const calls = existsSync(join(folder, "clocks"))
    ? readFileSync(join(folder, "clocks"), "utf8").trim().split("\n")
    : [];
  return { code: ran.status, stderr: ran.stderr, calls };
}

test("clocks are set for each GPU separately, and for `all` with one call", needs, (t) => {
  assert.deepEqual(runScript(t, "set", "0,GPU-8f6d", "--graphics", "1410,1410", "--memory", "800,1215"), {
    code: 0,
    stderr: "",
    calls: [
      "--id=0 --lock-gpu-clocks=1410,1410",
      "--id=GPU-8f6d --lock-gpu-clocks=1410,1410",
      "--id=0 --lock-memory-clocks=800,1215",
      "--id=GPU-8f6d --lock-memory-clocks=800,1215",
    ],
  });
  assert.deepEqual(runScript(t, "set", "all", "--applications", "1215,1410").calls, [
    "--applications-clocks=1215,1410",
  ]);
});

test("a reset resets only the clocks that were pinned", needs, (t) => {
  assert.deepEqual(runScript(t, "reset", "1", "--graphics", "1410,1410").calls, ["--id=1 --reset-gpu-clocks"]);
  assert.deepEqual(runScript(t, "reset", "all", "--applications", "1215,1410").calls, ["--reset-applications-clocks"]);
});

test(
  "a card without lockable clocks is an error, although nvidia-smi only warns, and no clock stays pinned",
  needs,
  (t) => {
    const { code, stderr, calls } = runScript(t, "set", "0", "--graphics", "1410,1410", "--memory", "666,666");
    assert.equal(code, 1);
    assert.match(stderr, /--lock-memory-clocks=666,666 for GPU 0: Setting locked memory clocks is not supported/);
    assert.deepEqual(calls.slice(-2), ["--id=0 --reset-gpu-clocks", "--id=0 --reset-memory-clocks"]);
  },
);

test("without a driver, pinning fails and a reset succeeds", needs, () => {
  const run = (action: string) =>
    spawnSync("/bin/bash", [script, action, "all", "--graphics", "1410,1410"], {
      encoding: "utf8",
      env: { PATH: "/nonexistent" },
    });
  assert.match(run("set").stderr, /pinning the clocks of the GPUs failed: nvidia-smi is not on PATH\n {2}Fix: /);
  assert.equal(run("set").status, 1);
  assert.equal(run("reset").status, 0);
});
