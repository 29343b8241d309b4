import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { progressOf } from "../../components/build-progress.ts";
import { hashFolder, hashOf } from "../../lib/hash.ts";
import { commandLine } from "../../lib/quote.ts";
import { readReport } from "../../lib/report.ts";
import { readToolLock } from "../../lib/tool-lock.ts";
import { startTrigger, stepTrigger } from "../../lib/trigger.ts";
import type { BoxObservation, StepObservation } from "../../observe/box.ts";

test("a shell reads a command line as exactly the words it was made of", () => {
  const words = ["plain", "", "two words", "it's", '"$HOME"', "a\nb", "*", "~", "\\", "`id`", "ü"];
  const out = execFileSync("sh", ["-c", commandLine(["printf", "%s\\0", ...words])], { encoding: "utf8" });
  assert.deepEqual(out.split("\0").slice(0, -1), words);
});

test("the boundaries between hashed texts count", () => {
  assert.notEqual(hashOf("ab", "c"), hashOf("a", "bc"));
});

test("a folder's hash follows names, bytes and the executable bit, and nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-hash-"));
  try {
    mkdirSync(join(folder, "sub"));
    const file = join(folder, "sub", "file");
    writeFileSync(file, "one");
    const first = hashFolder(folder);
    utimesSync(file, 1, 1);
    chmodSync(file, 0o600);
    assert.equal(hashFolder(folder), first);
    chmodSync(file, 0o700);
    const executable = hashFolder(folder);
    assert.notEqual(executable, first);
    writeFileSync(file, "two");
    assert.notEqual(hashFolder(folder), executable);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a tool's lock becomes the lines that its script reads", () => {
  const lock = readToolLock("uv:\n  version: 0.13.9\n  wheel:\n    x86_64: abc\n");
  assert.deepEqual(lock, { uv: "version=0.13.9\nwheel.x86_64=abc\n" });
});

test("the last report of a script counts", () => {
  const stdout = "benchbox: installing\nbenchbox-tool\t1.0\t/old\nbenchbox-tool\t2.0\t/new\n";
  assert.deepEqual(readReport(stdout), { version: "2.0", path: "/new" });
  assert.equal(readReport("nothing\n"), undefined);
});

const box = (state: BoxObservation["state"], step?: StepObservation): BoxObservation => ({
  state,
  steps: new Map(step ? [["uv", step]] : []),
});

test("a healthy tool keeps the trigger it was installed under", () => {
  for (const trigger of ["abc", "abc 1234"]) {
    assert.equal(stepTrigger("abc", box("running", { trigger, healthy: true }), "uv"), trigger);
    assert.equal(stepTrigger("abc", box("stopped", { trigger }), "uv"), trigger);
  }
});

test("a changed script has the trigger of its new content", () => {
  assert.equal(stepTrigger("new", box("running", { trigger: "old", healthy: true }), "uv"), "new");
});

test("a broken or missing tool gets a trigger that no state can have", () => {
  for (const seen of [box("running", { trigger: "abc", healthy: false }), box("running"), box("stopped")]) {
    const [once, twice] = [stepTrigger("abc", seen, "uv"), stepTrigger("abc", seen, "uv")];
    assert.match(once, /^abc ./);
    assert.notEqual(once, twice);
  }
});

test("a box that has lost its GPUs is started anew, once", () => {
  const lost = { ...box("running"), startedUnder: "created", lostGpus: "Failed to initialize NVML: Unknown Error" };
  assert.match(startTrigger(lost, []), /^lost \w+$/);
  assert.equal(startTrigger({ ...lost, startedUnder: "lost 1234", lostGpus: undefined }, []), "lost 1234");
});

test("a box with other limits is given them each time that it has others", () => {
  const running = { ...box("running"), startedUnder: "created" };
  const other = startTrigger(running, ["pids unlimited -> 16384"]);
  assert.match(other, /^limits \w+$/);
  assert.notEqual(startTrigger({ ...running, startedUnder: other }, ["pids 1 -> 16384"]), other);
  assert.equal(startTrigger({ ...running, startedUnder: other }, []), other);
});

test("without a box nothing is known, and the trigger is the content", () => {
  assert.equal(stepTrigger("abc", box("absent"), "uv"), "abc");
});

test("every stop is another reason to start, and a started box keeps its reason", () => {
  const stopped = (stoppedAt: string): BoxObservation => ({ ...box("stopped"), stoppedAt, startedUnder: "created" });
  assert.notEqual(startTrigger(stopped("1"), []), startTrigger(stopped("2"), []));
  assert.equal(startTrigger({ ...box("running"), startedUnder: "stopped 1" }, []), "stopped 1");
  assert.equal(startTrigger({ ...box("unreachable"), startedUnder: "stopped 1" }, []), "stopped 1");
  assert.equal(startTrigger(box("absent"), []), "created");
});

test("a box that runs without having been handed its keys is started again", () => {
  assert.notEqual(startTrigger(box("running"), []), startTrigger(box("running"), []));
});

test("a build's progress is its last step or what that printed, without the mounts", () => {
  const step = "#8 [stage-0 2/11] RUN --mount=type=tmpfs,target=/run/network     /run/build/finish peid";
  assert.equal(progressOf(`${step}\n#8 CACHED\n`), "step 2 of 11: RUN /run/build/finish peid");
  assert.equal(progressOf(`${step}\n#8 0.123 Unpacking mc ...\n`), "Unpacking mc ...");
  assert.equal(progressOf("#1 DONE 0.0s\n"), undefined);
});
