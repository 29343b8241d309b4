import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { describeUnsavedFiles } from "../../src/cli/commands/down.ts";
import { inspect, NoAnswerError } from "../../src/observe/docker.ts";
import { inspectBox } from "../../src/observe/inspect-box.ts";
import { askProgram } from "../../src/process/run-program.ts";
import { reportStartFailure } from "../../src/state/start-failure.ts";

test("a program that is killed at its time limit has no result, whatever its output and exit code", async () => {
  // As Docker's client 28 does.
  const script = "trap 'exit 0' TERM; echo half; while :; do sleep 0.05; done";
  const result = await askProgram("bash", ["-c", script], { seconds: 0.5 });
  const incomplete = "did not answer within 0.5 s";
  assert.deepEqual(result, { ok: false, stdout: "", stderr: `bash ${incomplete}`, startError: undefined, incomplete });
});

test("a program that is killed by another process has no result", async () => {
  const { ok, stdout, incomplete } = await askProgram("bash", ["-c", "echo half; kill -KILL $$"]);
  assert.deepEqual({ ok, stdout, incomplete }, { ok: false, stdout: "", incomplete: "was killed by SIGKILL" });
});

test("a program that fails by itself has a result", async () => {
  const result = await askProgram("bash", ["-c", "echo out; echo why >&2; exit 3"]);
  assert.deepEqual(result, { ok: false, exitCode: 3, stdout: "out\n", stderr: "why", startError: undefined });
});

describe("with a fake docker client", () => {
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

  test("an object without an answer does not count as absent", async () => {
    fake("echo '['; kill -KILL $$");
    await assert.rejects(inspect("container", ["box"]), (error: unknown) => {
      assert.ok(error instanceof NoAnswerError);
      assert.match(error.message, /^`docker container inspect box` was killed by SIGKILL\.\n {2}Fix: /);
      return true;
    });
    fake("echo '[]'; echo 'Error: No such container: box' >&2; exit 1");
    assert.deepEqual(await inspect("container", ["box"]), []);
  });

  test("each script that needs the answer exits with a message", () => {
    fake("echo '['; kill -KILL $$");
    for (const script of ["resources/start-box"]) {
      const file = join(import.meta.dirname, `../../src/${script}.ts`);
      const { status, stderr } = spawnSync(process.execPath, [file, "box", "{}"], { encoding: "utf8" });
      assert.equal(status, 1, script);
      assert.match(stderr, /^benchbox: `docker container inspect box` was killed by SIGKILL\.\n {2}Fix: [^\n]+\n$/);
    }
  });

  test("an unanswered question for unsaved files is an error", async () => {
    fake("echo '['; kill -KILL $$");
    await assert.rejects(describeUnsavedFiles("box"), NoAnswerError);
  });

  test("a report of a failed start needs the answer, too", async () => {
    fake("echo '['; kill -KILL $$");
    await assert.rejects(reportStartFailure("box"), NoAnswerError);
  });

  test("a truncated inspection of the box is discarded", async () => {
    fake("cat >/dev/null; printf 'started\\ta b\\n'");
    assert.equal(await inspectBox("box", ["peid"]), "the output of docker exec was truncated");
    fake("cat >/dev/null; printf 'started\\ta b\\nend\\n'");
    const inside = await inspectBox("box", ["peid"]);
    assert.ok(typeof inside !== "string");
    assert.equal(inside.startedUnder, "a b");
  });

  test("a slow part of the box is reported, and the rest is observed", async () => {
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
