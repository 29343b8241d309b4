import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { DriftReport } from "../../src/cli/report/drift.ts";
import { historyOf, recordDrifts } from "../../src/cli/report/drift-history.ts";
import { pageOf } from "../../src/cli/report/drift-page.ts";
import { historyLines, reportLines } from "../../src/cli/report/drift-text.ts";
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
import { containerTrigger, isMadeAs, networkTrigger, startTrigger } from "../../src/plan/trigger.ts";
import { plainMachine } from "../support/machine.ts";

const running: BoxObservation = { state: "running", startedUnder: "created", steps: new Map() };
const drifts = (box: Partial<BoxObservation>) => boxDrifts(plainMachine, { ...running, ...box }, []);
const texts = (found: readonly Drift[]) => driftNotices(found).map(({ text }) => text);
const step = (id: string, hasRun: boolean) => ({ step: { id }, hasRun }) as PlannedStep;

test("a box that is as declared has no drift, and none that cannot be looked into has one", () => {
  assert.deepEqual(drifts({ ids: new Map([["peid", "3100:1100"]]), changes: [] }), []);
  assert.deepEqual(drifts({ state: "unreachable", startedUnder: undefined }), []);
});

test("a box that stands still is announced, and each pause is one to end", () => {
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

test("sudo that the engine's no-new-privileges broke is one of another container, and what the stack wants so is none", () => {
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
  test(`a change of ${what} in the box is one of ${by}`, () => {
    const found = drifts({ changes: [{ what, name }] });
    assert.deepEqual(
      found.map((one) => [one.part, one.by, one.kind]),
      [[part, by, what === "host-key" ? "alarm" : "drift"]],
    );
  });
}

test("a user with other ids is given them back", () => {
  const [found] = drifts({ ids: new Map([["peid", "5000:1100"]]) });
  assert.deepEqual(
    [found?.part, found?.declared, found?.found, found?.by],
    ["ids of peid", "3100:1100", "5000:1100", "start"],
  );
});

test("each limit that is another one is told with both values", () => {
  const limits = [{ name: "pids", found: "100", wanted: "16384" } as const];
  assert.deepEqual(texts(boxDrifts(plainMachine, running, limits)), [
    "pids: 100; declared: 16384. `up` gives it to the same container, while it runs.",
  ]);
});

test("a tool that is broken is told, one that is declared otherwise is a change, and one that is not declared goes", () => {
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
    /^tool uv: \S+uv is gone; declared: uv 0\.13\.9\. `up` repairs it and nothing else\./,
  );
  assert.deepEqual(stepDrifts([step("uv", true)], { ...running, steps: new Map([["uv", installed]]) }), []);
  assert.deepEqual(stepDrifts([step("uv", false)], { ...box, state: "absent", steps: new Map() }), []);
});

test("an image that is gone is built again, and one of another declaration replaces the container", () => {
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

test("a container keeps its label until it is declared otherwise or damaged", () => {
  assert.equal(containerTrigger("h", undefined, false), "h");
  assert.equal(containerTrigger("h", "h", false), "h");
  const other = containerTrigger("h", "h", true);
  assert.ok(isMadeAs("h", other) && other !== "h" && containerTrigger("h", other, true) !== other);
  assert.equal(containerTrigger("h", other, false), other);
  assert.equal(containerTrigger("new", other, false), "new");
  assert.ok(!isMadeAs("h", "hh"));
});

test("a network that is gone is made again, once", () => {
  assert.equal(networkTrigger("made 1"), "made 1");
  assert.equal(networkTrigger(""), "made");
  assert.notEqual(networkTrigger(undefined), networkTrigger(undefined));
  assert.deepEqual(
    networkDrifts(undefined, running).map(({ by }) => by),
    ["network"],
  );
  assert.deepEqual([networkDrifts("", running), networkDrifts(undefined, { state: "absent" })], [[], []]);
});

test("what the machine has otherwise than the box was told is told with both values", () => {
  const before = { driver: "570.1", cpu: { count: 2 }, image: {} };
  const found = machineDrifts(before, { driver: "575.2", cpu: { count: 2 }, kernel: "6" });
  assert.deepEqual(
    found.map(({ declared, found: now }) => [declared, now]),
    [["570.1", "575.2"]],
  );
});

const row = {
  part: "tool uv",
  declared: "uv 1",
  found: "gone",
  plan: "`up` repairs it",
  kind: "drift",
  loses: "",
} as const;
const report = (more: Partial<DriftReport>): DriftReport => ({
  stack: "sandbox",
  at: "2026-11-25T01:02:03.4Z",
  drifts: [],
  notLookedAt: [],
  engine: "Docker 28 on this machine",
  gpus: [],
  tools: {},
  ...more,
});

test("the history has what was found when it is something else, and only the newest entries", () => {
  const folder = mkdtempSync(join(tmpdir(), "drift-"));
  const file = join(folder, "a", "history");
  try {
    recordDrifts(file, report({}));
    assert.deepEqual(historyOf(file), []);
    for (const drifts of [[row], [row], []]) recordDrifts(file, report({ drifts }));
    recordDrifts(file, report({ notLookedAt: ["the box"], drifts: [row] }));
    assert.deepEqual(
      historyOf(file).map((entry) => entry.drifts.length),
      [1, 0],
    );
    assert.deepEqual(historyLines("sandbox", historyOf(file)), [
      "2026-11-25 01:02:03Z  tool uv: gone",
      "2026-11-25 01:02:03Z  as declared again",
    ]);
    const line = readFileSync(file, "utf8").split("\n")[0];
    writeFileSync(file, `${`${line}\n`.repeat(1200)}{"at": "cut`);
    recordDrifts(file, report({ drifts: [{ ...row, found: "new" }] }));
    const entries = historyOf(file);
    assert.deepEqual([entries.length, entries.at(-1)?.drifts[0]?.found], [1000, "new"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("text and page say what was found, and what the machine says of itself is no markup", () => {
  const evil = "<script>alert('x')</script>";
  const found = report({ drifts: [{ ...row, found: evil, loses: "3 files" }] });
  const page = pageOf(found);
  assert.ok(!page.includes(evil) && page.includes("&#60;script&#62;") && page.includes("3 files"));
  const lines = reportLines(found, false).join("\n");
  assert.match(lines, /! tool uv {2}<script>[\s\S]*declared: uv 1\n[\s\S]*loses: 3 files\n\n1 part of sandbox is not/);
  assert.match(reportLines(report({}), false).join(), /^\+ sandbox is as declared\.$/);
  assert.match(reportLines(report({ notLookedAt: ["x"] }), false).join("\n"), /- not looked at: x\n\nWhat could be/);
  assert.match(reportLines(report({ drifts: [{ ...row, kind: "alarm" }] }), false).join(), /ALARM/);
});
