import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { describeUnsavedFiles } from "../../src/cli/unsaved-files.ts";
import { NoAnswer } from "../../src/observe/docker.ts";
import { inspect } from "../../src/observe/images.ts";
import { inspectBox } from "../../src/observe/inspect-box.ts";
import { askProgram } from "../../src/process/run-program.ts";
import { reportStartFailure } from "../../src/state/start-failure.ts";

test("a program that is ended at its time limit has no result, whatever it printed and its exit code", async () => {
  // As Docker's client 28 does.
  const script = "trap 'exit 0' TERM; echo half; while :; do sleep 0.05; done";
  const result = await askProgram("bash", ["-c", script], { seconds: 0.5 });
  const incomplete = "did not answer within 0.5 s";
  assert.deepEqual(result, { ok: false, stdout: "", stderr: `bash ${incomplete}`, startError: undefined, incomplete });
});

test("nor has one that is ended by somebody else", async () => {
  const { ok, stdout, incomplete } = await askProgram("bash", ["-c", "echo half; kill -KILL $$"]);
  assert.deepEqual({ ok, stdout, incomplete }, { ok: false, stdout: "", incomplete: "was ended by SIGKILL" });
});

test("a program that fails by itself has one", async () => {
  const result = await askProgram("bash", ["-c", "echo out; echo why >&2; exit 3"]);
  assert.deepEqual(result, { ok: false, exitCode: 3, stdout: "out\n", stderr: "why", startError: undefined });
});

describe("of a fake docker client", () => {
  const path = process.env.PATH;
  let folder: string;
  const fake = (script: string): void => {
    writeFileSync(join(folder, "docker"), `#!/bin/bash\n${script}\n`);
    chmodSync(join(folder, "docker"), 0o755);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "benchbox-docker-"));
    process.env.PATH = `${folder}:${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  test("an object that was not answered for is not taken for absent", async () => {
    fake("echo '['; kill -KILL $$");
    await assert.rejects(inspect("container", ["box"]), (error: unknown) => {
      assert.ok(error instanceof NoAnswer);
      assert.match(error.message, /^`docker container inspect box` was ended by SIGKILL\.\n {2}Fix: /);
      return true;
    });
    fake("echo '[]'; echo 'Error: No such container: box' >&2; exit 1");
    assert.deepEqual(await inspect("container", ["box"]), []);
  });

  test("each script that needs the answer ends with a sentence", () => {
    fake("echo '['; kill -KILL $$");
    for (const script of ["resources/start-box"]) {
      const file = join(import.meta.dirname, `../../src/${script}.ts`);
      const { status, stderr } = spawnSync(process.execPath, [file, "box", "{}"], { encoding: "utf8" });
      assert.equal(status, 1, script);
      assert.match(stderr, /^benchbox: `docker container inspect box` was ended by SIGKILL\.\n {2}Fix: [^\n]+\n$/);
    }
  });

  test("files that may be lost are not taken for none", async () => {
    fake("echo '['; kill -KILL $$");
    await assert.rejects(describeUnsavedFiles("box"), NoAnswer);
  });

  test("a report of a failed start needs the answer, too", async () => {
    fake("echo '['; kill -KILL $$");
    await assert.rejects(reportStartFailure("box"), NoAnswer);
  });

  test("a check of the inside that lacks its end is none", async () => {
    fake("cat >/dev/null; printf 'started\\ta b\\n'");
    assert.equal(await inspectBox("box", ["peid"]), "docker exec ended in the middle of its output");
    fake("cat >/dev/null; printf 'started\\ta b\\nend\\n'");
    const inside = await inspectBox("box", ["peid"]);
    assert.ok(typeof inside !== "string");
    assert.equal(inside.startedUnder, "a b");
  });

  test("what is slow in the box is named, and the rest is known", async () => {
    fake("cat >/dev/null; printf 'slow\\tGPUs\\t10\\nslow\\ttool mine\\t10\\nuser\\tpeid\\t1:1\\nend\\n'");
    const inside = await inspectBox("box", ["peid"]);
    assert.ok(typeof inside !== "string");
    assert.deepEqual(inside.notChecked, [
      "the box's GPUs: nvidia-smi took over 10 s in it (persistence mode off? sudo nvidia-smi --persistence-mode=1)",
      "tool mine: its probe took over 10 s",
    ]);
    assert.equal(inside.ids?.get("peid"), "1:1");
  });
});
