import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateSecurity } from "../../src/checks/security.ts";
import { securityOf } from "../../src/plan/box-security.ts";
import { plainMachine } from "../support/machine.ts";
import { loadStack, stackProblems } from "../support/stack.ts";

const profile = '{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}\n';
const warnings = (options: string) =>
  loadStack(options, { "seccomp.json": profile }).notices.flatMap(({ severity, text }) =>
    severity === "warning" ? [text] : [],
  );

test("a seccomp profile is read from a file, whatever its layout, and is passed to the Docker Engine", () => {
  const machine = loadStack("  benchbox:security: { seccomp: seccomp.json, apparmor: mine }\n", {
    "seccomp.json": profile,
  });
  assert.deepEqual(machine.security, {
    seccomp: '{"defaultAction":"SCMP_ACT_ALLOW"}',
    apparmor: "mine",
    privileged: false,
  });
  const { securityOpts, privileged } = securityOf(machine, false);
  assert.deepEqual(securityOpts, ["apparmor=mine", 'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}']);
  assert.equal(privileged, undefined);
});

test("what removes a protection of the host is warned about in each preview", () => {
  const open = "  benchbox:security: { seccomp: unconfined, apparmor: unconfined }\n  benchbox:pid: host\n";
  assert.deepEqual(
    warnings(open).map((text) => /\((.*?)\)/.exec(text)?.[1]),
    ["security.seccomp", "security.apparmor", "pid: host"],
  );
  assert.match(
    warnings("  benchbox:security: { privileged: true }\n").join(),
    /root in the box is root on the Docker host/,
  );
});

test("a missing or broken profile, and an option that another one makes void, are refused with their lines", () => {
  const problems = (options: string) => stackProblems(options, { "bad.json": "{}", "broken.json": "{" });
  const lines = (...all: string[]) => problems(`  benchbox:security:\n${all.map((line) => `    ${line}\n`).join("")}`);
  assert.deepEqual(lines("seccomp: none.json"), [
    "3: security.seccomp: none.json does not exist; create it, or remove the key",
  ]);
  assert.match(lines("seccomp: broken.json").join(), /^3: security\.seccomp: broken\.json is not valid JSON/);
  assert.match(lines("seccomp: bad.json").join(), /has no `defaultAction`/);
  assert.match(lines("seccomp: off").join(), /must be a profile file|boolean/);
  assert.deepEqual(lines("privileged: true", "apparmor: mine"), [
    "4: security.apparmor: has no effect with `privileged`; remove one of the two",
  ]);
  assert.deepEqual(problems("  benchbox:user_namespaces: true\n  benchbox:security: { apparmor: unconfined }\n"), [
    "3: security.apparmor: is set by `user_namespaces`; remove one of the two",
  ]);
  assert.deepEqual(problems("  benchbox:pid: all\n"), ['2: pid: "all" must be "private" or "host"']);
});

test("what the Docker Engine adds to a container that shares a namespace or is privileged is in the plan already", () => {
  for (const change of [{ pid: "host" }, { security: { privileged: true } }] as const) {
    const { securityOpts, pidMode, privileged } = securityOf({ ...plainMachine, ...change }, false);
    assert.deepEqual(securityOpts, ["label=disable"]);
    assert.deepEqual([pidMode, privileged], "pid" in change ? ["host", undefined] : [undefined, true]);
  }
});

test("preflight refuses what the Docker Engine cannot do", () => {
  const of = (machine: Partial<typeof plainMachine>, ...SecurityOptions: string[]) =>
    evaluateSecurity({ ...plainMachine, ...machine }, { SecurityOptions }).map((one) => one.subject);
  const shared = { pid: "host", security: { privileged: true } } as const;
  assert.deepEqual(of(shared), []);
  assert.deepEqual(of(shared, "name=userns"), ["benchbox:security.privileged", "benchbox:pid: host"]);
  assert.deepEqual(of(shared, "name=rootless"), ["benchbox:pid: host"]);
  const profiled = { security: { privileged: false, apparmor: "mine" } };
  assert.deepEqual(of(profiled), ["benchbox:security.apparmor"]);
  assert.deepEqual(of(profiled, "name=apparmor"), []);
});
