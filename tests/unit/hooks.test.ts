import assert from "node:assert/strict";
import { test } from "node:test";
import { loginHookOptions, readHooks, startHookOptions } from "../../src/config/hooks.ts";
import { isChecked } from "../../src/model/checked.ts";
import type { HookObservation } from "../../src/observe/box-observation.ts";
import { planHooks } from "../../src/plan/hook-plan.ts";

const script = "stage-2/custom/setup-workspace.sh";
const users = ["peid", "ana"];

function read(start: unknown[], login: unknown[] = []) {
  const lists = { on_every_start: startHookOptions.parse(start), on_login: loginHookOptions.parse(login) };
  const at = (key: string, index: number, message: string) => ({ file: "f", line: index, path: key, message });
  return readHooks(lists, users, ".", at);
}
function accepted(start: unknown[], login: unknown[] = []) {
  const hooks = read(start, login);
  return isChecked(hooks) ? hooks.value : assert.fail(JSON.stringify(hooks.problems));
}

test("a hook is a line, or a mapping with more options", () => {
  const hooks = accepted(
    [
      `${script} --user ana --pixi jq`,
      { run: script, id: "daemon", user: "root", timeout: 5, env: { A: "b" }, required: false },
    ],
    [script, { run: script, id: "greeting", user: "ana" }],
  );
  const words = ["--user", "ana", "--pixi", "jq"];
  const plain = { tool: "setup-workspace", script, environment: {} };
  assert.deepEqual(hooks, {
    start: [
      { ...plain, id: "setup-workspace", arguments: words, user: "ana", timeout: 300, required: true },
      { ...plain, id: "daemon", arguments: [], user: "root", environment: { A: "b" }, timeout: 5, required: false },
    ],
    login: [
      { ...plain, id: "setup-workspace", arguments: [], user: undefined, timeout: 10, required: false },
      { ...plain, id: "greeting", arguments: [], user: "ana", timeout: 10, required: false },
    ],
  });
});

for (const [key, start, login, message] of [
  ["on_every_start", [{ run: script, user: "eve" }], [], /^runs as eve, who is not one of: peid, ana, root$/],
  ["on_login", [], [{ run: script, user: "root" }], /^runs as root, who is not one of: peid, ana$/],
  ["on_every_start", ["stage-2/custom/none.sh"], [], /scripts\/stage-2\/custom\/none\.sh does not exist; available/],
  ["on_login", [], [script, script], /setup-workspace is listed twice/],
] as const) {
  test(`a problem in ${key} is reported there: ${message.source}`, () => {
    const hooks = read([...start], [...login]);
    assert.ok(!isChecked(hooks));
    assert.equal(hooks.problems[0]?.path, key);
    assert.match(hooks.problems[0]?.message ?? "", message);
  });
}

test("a time limit that would block logins is refused", () => {
  const parsed = loginHookOptions.safeParse([{ run: script, timeout: 3600 }]);
  assert.match(parsed.error?.issues[0]?.message ?? "", /must be at most 600: the login waits for it/);
});

test("hooks run again after a failure, an edit or a change, and not while they are intact", () => {
  const hooks = accepted([script]);
  const found = (change: Partial<HookObservation>): HookObservation => ({
    trigger: first.trigger,
    isEdited: false,
    failures: new Map(),
    ...change,
  });
  const first = planHooks(hooks, { state: "absent" });
  assert.deepEqual(first.drifts, []);
  const plan = (change: Partial<HookObservation>) => planHooks(hooks, { state: "running", hooks: found(change) });
  assert.deepEqual([plan({}).trigger, plan({}).drifts], [first.trigger, []]);
  const rerun = `${first.trigger} 12345678`;
  assert.equal(plan({ trigger: rerun }).trigger, rerun);

  for (const [change, part] of [
    [{ isEdited: true }, "hooks"],
    [{ failures: new Map([["setup-workspace", "failed with exit code 3: no"]]) }, "hook setup-workspace"],
  ] as const) {
    const { drifts, trigger } = plan(change);
    assert.deepEqual(
      drifts.map((one) => [one.part, one.kind, one.by, one.isReplacing]),
      [[part, "drift", "hooks", false]],
    );
    assert.notEqual(trigger, first.trigger);
  }
  const other = planHooks(hooks, { state: "running", hooks: found({ trigger: "0123456789ab" }) });
  assert.deepEqual([other.trigger, other.drifts[0]?.kind], [first.trigger, "changed"]);
  assert.equal(planHooks(hooks, { state: "running" }).drifts[0]?.actual, "missing");
  const none = planHooks({ start: [], login: [] }, { state: "running", hooks: found({}) });
  assert.deepEqual([none.lists, none.drifts[0]?.plan], [undefined, "removes them"]);
});

test("a failed script that is not required is no drift", () => {
  const hooks = accepted([{ run: script, required: false }]);
  const { trigger } = planHooks(hooks, { state: "absent" });
  const failures = new Map([["setup-workspace", "failed"]]);
  assert.deepEqual(planHooks(hooks, { state: "running", hooks: { trigger, isEdited: false, failures } }).drifts, []);
});
