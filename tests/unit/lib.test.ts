import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { progressOf } from "../../components/build-progress.ts";
import { hashFolder, hashOf } from "../../src/model/hash.ts";
import { commandLine } from "../../src/model/quote.ts";
import { printedMarker, printMarker, readMarker } from "../../src/model/step-marker.ts";
import type { BoxObservation, StepObservation } from "../../src/observe/box-observation.ts";
import { startTrigger, stepTrigger, type WantedStep } from "../../src/plan/trigger.ts";

test("a shell splits a quoted command line into the original words", () => {
  const words = ["plain", "", "two words", "it's", '"$HOME"', "a\nb", "*", "~", "\\", "`id`", "ü"];
  const out = execFileSync("sh", ["-c", commandLine(["printf", "%s\\0", ...words])], { encoding: "utf8" });
  assert.deepEqual(out.split("\0").slice(0, -1), words);
});

test("boundaries between hashed texts matter", () => {
  assert.notEqual(hashOf("ab", "c"), hashOf("a", "bc"));
});

test("a folder's hash depends on names, contents and the executable bit only", () => {
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

test("a step's marker is parsed as it is printed, and one of an earlier format is ignored", () => {
  const tool = { version: "2.0", path: "/new", source: "GitHub", proof: "the lock file", sha256: "ab" };
  const marker = { trigger: "abc 1", state: "installed", tool, seconds: 3 } as const;
  const read = printedMarker(`benchbox: installing\n${printMarker(marker)}\nmore\n`);
  assert.deepEqual(JSON.parse(JSON.stringify(read)), marker);
  const failed = readMarker(["trigger=t", "state=unavailable", "missing=pixi", "reason=it needs a=b", "sources=s"]);
  assert.deepEqual([failed?.reason, failed?.missing, failed?.sources], ["it needs a=b", "pixi", "s"]);
  assert.equal(readMarker(["abc 1", "2.0", "/new"]), undefined);
});

const box = (state: BoxObservation["state"], step?: StepObservation): BoxObservation => ({
  state,
  steps: new Map(step ? [["uv", step]] : []),
});

const wanted: WantedStep = {
  id: "uv",
  desired: "abc",
  required: false,
  sources: "s",
  isRequested: () => false,
  needRuns: false,
};
const installed = (trigger: string): StepObservation => ({ trigger, state: "installed" });

test("a healthy tool keeps the trigger it was installed under", () => {
  for (const trigger of ["abc", "abc 1234"]) {
    assert.equal(stepTrigger(wanted, box("running", installed(trigger))), trigger);
    assert.equal(stepTrigger(wanted, box("stopped", installed(trigger))), trigger);
  }
});

test("a changed script gets the trigger of its new content", () => {
  assert.equal(stepTrigger({ ...wanted, desired: "new" }, box("running", installed("old"))), "new");
});

test("a broken or missing tool gets a trigger that no state can have", () => {
  const broken = { ...installed("abc"), broken: "uv is gone" };
  for (const seen of [box("running", broken), box("running"), box("stopped")]) {
    const [once, twice] = [stepTrigger(wanted, seen), stepTrigger(wanted, seen)];
    assert.match(once, /^abc ./);
    assert.notEqual(once, twice);
  }
});

test("an optional step that failed does not run again until there is a reason to", () => {
  const failed: StepObservation = { trigger: "abc", state: "unavailable", reason: "no source", sources: "s" };
  const trigger = (change: Partial<WantedStep>): string =>
    stepTrigger({ ...wanted, ...change }, box("running", failed));
  assert.equal(trigger({}), "abc");
  for (const change of [{ sources: "other" }, { required: true }, { needRuns: true }, { isRequested: () => true }]) {
    assert.match(trigger(change), /^abc ./, JSON.stringify(change));
  }
  const seen = {
    ...box("running"),
    steps: new Map([
      ["uv", { ...failed, missing: "pixi" }],
      ["pixi", installed("p")],
    ]),
  };
  assert.match(stepTrigger(wanted, seen), /^abc ./);
});

test("a box that has lost its GPUs is restarted once", () => {
  const lost = { ...box("running"), startedUnder: "created", lostGpus: "Failed to initialize NVML: Unknown Error" };
  assert.match(startTrigger(lost, false), /^lost \w+$/);
  assert.equal(startTrigger({ ...lost, startedUnder: "lost 1234", lostGpus: undefined }, false), "lost 1234");
});

test("each difference in the box causes another start", () => {
  const running = { ...box("running"), startedUnder: "created" };
  const other = startTrigger(running, true);
  assert.match(other, /^changed \w+$/);
  assert.notEqual(startTrigger({ ...running, startedUnder: other }, true), other);
  assert.equal(startTrigger({ ...running, startedUnder: other }, false), other);
});

test("without a box the trigger is the content's hash", () => {
  assert.equal(stepTrigger(wanted, box("absent")), "abc");
});

test("every stop has a new start trigger, and a started box keeps its trigger", () => {
  const stopped = (stoppedAt: string): BoxObservation => ({ ...box("stopped"), stoppedAt, startedUnder: "created" });
  assert.notEqual(startTrigger(stopped("1"), false), startTrigger(stopped("2"), false));
  assert.equal(startTrigger({ ...box("running"), startedUnder: "stopped 1" }, false), "stopped 1");
  assert.equal(startTrigger({ ...box("unreachable"), startedUnder: "stopped 1" }, false), "stopped 1");
  assert.equal(startTrigger(box("absent"), false), "created");
});

test("a running box without its keys is started again", () => {
  assert.notEqual(startTrigger(box("running"), false), startTrigger(box("running"), false));
});

test("a build's progress is its last step or that step's output, without the mounts", () => {
  const step = "#8 [stage-0 2/11] RUN --mount=type=tmpfs,target=/run/network     /run/build/finish peid";
  assert.equal(progressOf(`${step}\n#8 CACHED\n`), "step 2 of 11: RUN /run/build/finish peid");
  assert.equal(progressOf(`${step}\n#8 0.123 Unpacking mc ...\n`), "Unpacking mc ...");
  assert.equal(progressOf("#1 DONE 0.0s\n"), undefined);
});
