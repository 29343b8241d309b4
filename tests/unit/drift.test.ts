import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { DriftReport } from "../../src/cli/documents.ts";
import { historyOf, recordDrifts } from "../../src/cli/report/drift-history.ts";
import { historyLines, pageOf, reportLines } from "../../src/cli/report/drift-views.ts";
import type { Machine } from "../../src/model/machine.ts";
import type { BoxChange, BoxObservation, StepObservation } from "../../src/observe/box-observation.ts";
import {
  boxDrifts,
  containerDrifts,
  type Drift,
  driftNotices,
  imageDrifts,
  machineDrifts,
  networkDrifts,
  stepDrifts,
} from "../../src/plan/drift.ts";
import type { PlannedStep } from "../../src/plan/step-plan.ts";
import { containerTrigger, matchesHash, networkTrigger, startTrigger } from "../../src/plan/trigger.ts";
import { plainMachine } from "../support/machine.ts";

const running: BoxObservation = { state: "running", startedUnder: "created", steps: new Map() };
const drifts = (box: Partial<BoxObservation>) => boxDrifts(plainMachine, { ...running, ...box }, []);
const texts = (found: readonly Drift[]) => driftNotices(found).map(({ text }) => text);
const step = (id: string, hasRun: boolean) => ({ step: { id }, hasRun }) as PlannedStep;

test("a box without drift reports none, and neither does one that cannot be inspected", () => {
  assert.deepEqual(drifts({ ids: new Map([["peid", "3100:1100"]]), changes: [] }), []);
  assert.deepEqual(drifts({ state: "unreachable", startedUnder: undefined }), []);
});

test("a stopped or paused box is reported, and each pause has a new start trigger", () => {
  const [stopped] = texts(drifts({ state: "stopped", stoppedAt: "2026-11-25T01:02:03.4Z" }));
  assert.match(
    stopped ?? "",
    /box: stopped since 2026-11-25T01:02:03Z; .*`up` starts the same container; nothing .*lost/,
  );
  const [never] = texts(drifts({ state: "stopped", stoppedAt: "0001-01-01T00:00:00Z" }));
  assert.match(never ?? "", /box: stopped;/);
  assert.match(texts(drifts({ state: "paused" }))[0] ?? "", /paused.*the same container/);
  const paused: BoxObservation = { ...running, state: "paused" };
  assert.notEqual(startTrigger(paused, false), startTrigger(paused, false));
});

test("sudo broken by the Docker Engine's no-new-privileges needs a new container, and sudo that the stack forbids is no drift", () => {
  const [dead, ...more] = drifts({ securityOpts: [], noNewPrivileges: true });
  assert.deepEqual([dead?.part, dead?.by, dead?.isReplacing, more], ["sudo", "container", true, []]);
  assert.deepEqual(drifts({ securityOpts: ["no-new-privileges"], noNewPrivileges: true }), []);
  const [user] = plainMachine.users;
  const withoutSudo = { users: [{ ...user, sudo: false }] as Machine["users"] };
  assert.deepEqual(boxDrifts(withoutSudo, { ...running, securityOpts: [], noNewPrivileges: true }, []), []);
});

for (const [what, name, part, by] of [
  ["sshd-config", "-", "SSH server", "start"],
  ["authorized-keys", "peid", "keys of peid", "start"],
  ["password", "peid", "password of peid", "start"],
  ["packages", "nano tmux", "packages", "container"],
  ["host-key", "-", "SSH host key", "nothing"],
] as [BoxChange["what"], string, string, string][]) {
  test(`a change of ${what} in the box is fixed by ${by}`, () => {
    const found = drifts({ changes: [{ what, name }] });
    assert.deepEqual(
      found.map((one) => [one.part, one.by, one.kind]),
      [[part, by, what === "host-key" ? "alarm" : "drift"]],
    );
  });
}

test("changed user ids are restored", () => {
  const [found] = drifts({ ids: new Map([["peid", "5000:1100"]]) });
  assert.deepEqual(
    [found?.part, found?.desired, found?.actual, found?.by],
    ["ids of peid", "3100:1100", "5000:1100", "start"],
  );
});

test("a changed limit is reported with both values", () => {
  const limits = [{ name: "pids", found: "100", wanted: "16384" } as const];
  assert.deepEqual(texts(boxDrifts(plainMachine, running, limits)), [
    "pids: 100; desired: 16384. `up` sets it on the same container, while it runs.",
  ]);
});

test("a broken tool is drift, one with another configuration is a change, and one that is no longer configured is removed", () => {
  const tool = { version: "0.13.9", path: "/home/peid/.local/bin/uv" };
  const installed = { trigger: "t", state: "installed", tool } as const;
  const broken = "/home/peid/.local/bin/uv is gone";
  const box = {
    ...running,
    steps: new Map<string, StepObservation>([
      ["uv", { ...installed, broken }],
      ["bun", installed],
      ["old", installed],
    ]),
  };
  const found = stepDrifts([step("uv", false), step("bun", false), step("node", false)], box);
  assert.deepEqual(
    found.map(({ part, kind }) => [part, kind]),
    [
      ["tool uv", "drift"],
      ["tool bun", "changed"],
      ["tool node", "drift"],
      ["tool old", "changed"],
    ],
  );
  assert.match(
    texts(found)[0] ?? "",
    /^tool uv: \S+uv is gone; desired: uv 0\.13\.9\. `up` repairs it and nothing else\./,
  );
  assert.deepEqual(stepDrifts([step("uv", true)], { ...running, steps: new Map([["uv", installed]]) }), []);
  assert.deepEqual(stepDrifts([step("uv", false)], { ...box, state: "absent", steps: new Map() }), []);
});

test("a missing image is built again, and one of another configuration replaces the container", () => {
  const plan = { declared: "d", isBuilt: false };
  assert.deepEqual(
    imageDrifts(plan, [{ declared: "d" }]).map(({ kind }) => kind),
    ["drift"],
  );
  assert.deepEqual(
    imageDrifts(plan, [{ declared: "old" }]).map(({ kind }) => kind),
    ["changed"],
  );
  assert.deepEqual(imageDrifts({ ...plan, isBuilt: true }, []), []);
  assert.deepEqual([containerDrifts(true).length, containerDrifts(false)[0]?.kind], [0, "changed"]);
});

test("a container keeps its label until its configuration changes or it is damaged", () => {
  assert.equal(containerTrigger("h", undefined, false), "h");
  assert.equal(containerTrigger("h", "h", false), "h");
  const other = containerTrigger("h", "h", true);
  assert.ok(matchesHash("h", other) && other !== "h" && containerTrigger("h", other, true) !== other);
  assert.equal(containerTrigger("h", other, false), other);
  assert.equal(containerTrigger("new", other, false), "new");
  assert.ok(!matchesHash("h", "hh"));
});

test("a missing network is created again, once", () => {
  assert.equal(networkTrigger("made 1"), "made 1");
  assert.equal(networkTrigger(""), "made");
  assert.notEqual(networkTrigger(undefined), networkTrigger(undefined));
  assert.deepEqual(
    networkDrifts(undefined, running).map(({ by }) => by),
    ["network"],
  );
  assert.deepEqual([networkDrifts("", running), networkDrifts(undefined, { state: "absent" })], [[], []]);
});

test("a change of the host since the fingerprint is reported with both values", () => {
  const before = { driver: "570.1", cpu: { count: 2 }, image: {} };
  const found = machineDrifts(before, { driver: "575.2", cpu: { count: 2 }, kernel: "6" });
  assert.deepEqual(
    found.map(({ desired, actual }) => [desired, actual]),
    [["570.1", "575.2"]],
  );
});

const row = {
  part: "tool uv",
  desired: "uv 1",
  actual: "gone",
  kind: "drift",
  plannedAction: "`up` repairs it",
  losesData: false,
  lostData: "",
} as const;
const report = (more: Partial<DriftReport>): DriftReport => ({
  version: 1,
  stack: "sandbox",
  checkedAt: "2026-11-25T01:02:03.4Z",
  drifts: [],
  notChecked: [],
  dockerEngine: "Docker 28 on this machine",
  gpus: [],
  tools: {},
  ...more,
});

test("the history records each change of the drift, and keeps the newest entries", () => {
  const folder = mkdtempSync(join(tmpdir(), "drift-"));
  const file = join(folder, "a", "history");
  try {
    recordDrifts(file, report({}));
    assert.deepEqual(historyOf(file), []);
    for (const drifts of [[row], [row], []]) recordDrifts(file, report({ drifts }));
    recordDrifts(file, report({ notChecked: ["the box"], drifts: [row] }));
    assert.deepEqual(
      historyOf(file).map((entry) => entry.drifts.length),
      [1, 0],
    );
    assert.deepEqual(historyLines("sandbox", historyOf(file)), [
      "2026-11-25 01:02:03Z  tool uv: gone",
      "2026-11-25 01:02:03Z  no drift",
    ]);
    const line = readFileSync(file, "utf8").split("\n")[0];
    writeFileSync(file, `${`${line}\n`.repeat(1200)}{"at": "cut`);
    recordDrifts(file, report({ drifts: [{ ...row, actual: "new" }] }));
    const entries = historyOf(file);
    assert.deepEqual([entries.length, entries.at(-1)?.drifts[0]?.actual], [1000, "new"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("text and page report the drift, and text from the machine is never markup", () => {
  const evil = "<script>alert('x')</script>";
  const found = report({ drifts: [{ ...row, actual: evil, losesData: true, lostData: "3 files" }] });
  const page = pageOf(found);
  assert.ok(!page.includes(evil) && page.includes("&#60;script&#62;") && page.includes("3 files"));
  const lines = reportLines(found, false).join("\n");
  assert.match(lines, /! tool uv {2}<script>[\s\S]*desired: uv 1\n[\s\S]*loses: 3 files\n\n1 part of sandbox differs/);
  assert.match(reportLines(report({}), false).join(), /^\+ sandbox: no drift$/);
  assert.match(
    reportLines(report({ notChecked: ["x"] }), false).join("\n"),
    /- not checked: x\n\nNo drift in what could be/,
  );
  assert.match(reportLines(report({ drifts: [{ ...row, kind: "alarm" }] }), false).join(), /ALARM/);
});
